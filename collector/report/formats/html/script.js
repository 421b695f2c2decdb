"use strict";
// Sorting and filtering of tables, reading out of charts, zooming of maps. The page can be read without any of it.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const language = document.documentElement.lang;
  const numbers = new Intl.NumberFormat(language);
  const collator = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  // as `plain` of markup.py
  const plain = (text) => text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "");

  const STEP = 500;
  const PRINTED = 1000;

  function table(data) {
    const body = data.querySelector("tbody");
    const template = data.querySelector("template");
    const headings = [...data.querySelectorAll("th")];
    const tools = data.querySelector(".tools");
    const nothing = data.querySelector("[data-none]");
    const more = data.querySelector(".more");
    const button = data.querySelector("[data-more]");
    const box = data.querySelector(".table-box");
    const every = data.querySelector("[data-all]");
    const first = Number(data.dataset.first);
    const rows = [...body.rows].concat(template ? [...template.content.querySelectorAll("tr")] : []);
    let order = rows;
    let matching = rows;
    let shown = Math.min(first, rows.length);

    const texts = new Map();
    const textOf = (row) => {
      if (!texts.has(row)) texts.set(row, plain([...row.cells].map((cell) => cell.textContent).join("\n")));
      return texts.get(row);
    };

    const show = () => {
      body.replaceChildren(...matching.slice(0, shown));
      told();
    };
    const told = () => {
      const values = { shown: numbers.format(matching.length), count: numbers.format(rows.length) };
      if (tools) tools.querySelector(".count").textContent = fill(words.count, values);
      if (nothing) nothing.hidden = matching.length > 0;
      if (more) {
        more.hidden = shown >= matching.length;
        const parts = { shown: numbers.format(shown), count: numbers.format(matching.length) };
        more.firstElementChild.textContent = fill(words.first, parts);
      }
    };
    const grow = (by) => {
      const next = matching.slice(shown, shown + by);
      if (!next.length) return;
      shown += next.length;
      body.append(...next);
      told();
    };

    const select = () => {
      const terms = plain(tools ? tools.querySelector("input").value : "").split(/\s+/).filter(Boolean);
      const choices = [...data.querySelectorAll("select")].filter((choice) => choice.value);
      matching = order.filter(
        (row) =>
          choices.every((choice) => row.cells[choice.dataset.column].textContent === choice.value) &&
          terms.every((term) => textOf(row).includes(term)),
      );
      shown = Math.min(first, matching.length);
      box.scrollTop = 0;
      show();
    };

    const sort = (heading) => {
      const kind = heading.dataset.sort;
      // numbers begin with the greatest, all else with the first; the third time it is as it was
      const turns = kind === "number" ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
      const turn = turns[(turns.indexOf(heading.ariaSort) + 1) % 3];
      for (const other of headings) if (other.dataset.sort) other.ariaSort = "none";
      heading.ariaSort = turn;
      order = turn === "none" ? rows : sorted(kind, heading.cellIndex, turn === "ascending" ? 1 : -1);
      select();
    };
    const sorted = (kind, column, sign) => {
      const keys = rows.map((row, at) => {
        const cell = row.cells[column];
        const value = cell.dataset.v;
        const text = cell.querySelector(".nil") ? "" : cell.textContent;
        const number = value === undefined ? NaN : Number(value);
        return { row, at, text, number, missing: kind === "text" ? !text : Number.isNaN(number) };
      });
      // what is missing is last in either direction
      keys.sort(
        (a, b) =>
          a.missing - b.missing ||
          sign * (kind === "text" ? collator.compare(a.text, b.text) : a.number - b.number || collator.compare(a.text, b.text)) ||
          a.at - b.at,
      );
      return keys.map((key) => key.row);
    };

    for (const heading of headings) heading.querySelector("button")?.addEventListener("click", () => sort(heading));
    if (tools) {
      tools.hidden = false;
      let waiting = 0;
      tools.querySelector("input").addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(select, rows.length > 2000 ? 120 : 0);
      });
      for (const choice of tools.querySelectorAll("select")) choice.addEventListener("change", select);
    }
    if (every) {
      data.classList.add("few");
      every.addEventListener("click", () => every.setAttribute("aria-pressed", String(!data.classList.toggle("few"))));
    }
    if (button) {
      button.hidden = false;
      button.addEventListener("click", () => grow(STEP));
      box.addEventListener("scroll", () => {
        if (box.scrollTop + box.clientHeight > box.scrollHeight - 600) grow(STEP);
      }, { passive: true });
    }
    addEventListener("beforeprint", () => grow(PRINTED - shown));
    told();
  }

  function place(readout, x, width) {
    readout.hidden = false;
    const room = width - readout.offsetWidth - 8;
    readout.style.left = `${Math.max(0, Math.min(x + 12 > room ? x - readout.offsetWidth - 12 : x + 12, room))}px`;
  }

  function chart(element) {
    const data = JSON.parse(element.querySelector("script").textContent);
    const box = element.querySelector(".plot-box");
    const plot = element.querySelector(".plot");
    const cross = element.querySelector(".cross");
    const readout = element.querySelector(".readout");
    let at = -1;
    const read = (index) => {
      at = index;
      box.classList.toggle("reading", index >= 0);
      readout.hidden = index < 0;
      if (index < 0) return;
      const share = data.at[index];
      cross.setAttribute("x1", `${share * 100}%`);
      cross.setAttribute("x2", `${share * 100}%`);
      const lines = data.labels.map((label, line) => `${label}: ${data.values[index][line]}`);
      readout.textContent = [data.times[index], ...lines].join("\n");
      const [outer, inner] = [box.getBoundingClientRect(), plot.getBoundingClientRect()];
      place(readout, inner.left - outer.left + share * inner.width, outer.width);
    };
    const nearest = (share) => {
      let best = -1;
      data.at.forEach((here, index) => {
        if (best < 0 || Math.abs(here - share) < Math.abs(data.at[best] - share)) best = index;
      });
      return best;
    };
    for (const kind of ["pointermove", "pointerdown"])
      plot.addEventListener(kind, (event) => {
        const bounds = plot.getBoundingClientRect();
        read(nearest((event.clientX - bounds.left) / bounds.width));
      });
    plot.addEventListener("pointerleave", () => read(-1));
    plot.addEventListener("blur", () => read(-1));
    plot.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
      if (event.key === "Escape") read(-1);
      if (!(event.key in steps)) return;
      event.preventDefault();
      read(Math.max(0, Math.min(data.at.length - 1, at < 0 ? (steps[event.key] < 0 ? data.at.length - 1 : 0) : at + steps[event.key])));
    });
  }

  function zoomable(box) {
    const svg = box.querySelector("svg");
    const readout = box.querySelector(".readout");
    const layers = [...box.querySelectorAll(".layer")];
    const scale = box.parentElement.querySelector(".scale");
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const closest = layers.length ? 64 : 8;
    let zoom = 1;
    let [x, y] = [0, 0];

    const draw = () => {
      x = Math.max(0, Math.min(x, width - width / zoom));
      y = Math.max(0, Math.min(y, height - height / zoom));
      svg.setAttribute("viewBox", `${x} ${y} ${width / zoom} ${height / zoom}`);
      box.classList.toggle("close", zoom > 1);
      const bounds = svg.getBoundingClientRect();
      if (!bounds.width) return;
      const pixels = Math.min(bounds.width / width, bounds.height / height) * zoom;
      svg.style.setProperty("--k", 1 / pixels);
      const scales = layers.map((layer) => Number(layer.dataset.scale));
      const fitting = Math.max(scales[0], ...scales.filter((each) => each <= pixels * 1.05));
      layers.forEach((layer, index) => {
        const there = layer.classList.contains("alone") ? scales[index] <= fitting : scales[index] === fitting;
        layer.setAttribute("display", there ? "inline" : "none");
      });
      if (scale) drawScale(pixels, bounds.width);
    };
    const drawScale = (pixels, across) => {
      const km = Number(scale.dataset.unitsPerKm) * pixels;
      const power = 10 ** Math.floor(Math.log10(across / 4 / km));
      const length = power * [5, 2, 1].find((times) => times * power * km <= across / 4);
      scale.firstElementChild.textContent = fill(words.km, { number: numbers.format(length) });
      scale.querySelector("path").setAttribute("d", `M1 2V8H${(length * km * 1000) / across}V2`);
    };
    const to = (next, px = 0.5, py = 0.5) => {
      next = Math.max(1, Math.min(closest, next));
      x += (width / zoom - width / next) * px;
      y += (height / zoom - height / next) * py;
      zoom = next;
      draw();
    };

    const buttons = box.querySelector(".zoom");
    buttons.hidden = false;
    for (const button of buttons.children) {
      const by = Number(button.dataset.zoom);
      button.addEventListener("click", () => to(by ? zoom * by : 1));
    }
    const share = (event) => {
      const bounds = svg.getBoundingClientRect();
      return [(event.clientX - bounds.left) / bounds.width, (event.clientY - bounds.top) / bounds.height];
    };
    // the wheel alone scrolls the page, as it does everywhere else
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      to(zoom * 2 ** (-event.deltaY / 200), ...share(event));
    }, { passive: false });
    svg.addEventListener("dblclick", (event) => to(zoom * 2, ...share(event)));
    svg.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (event.key === "+" || event.key === "=") to(zoom * 2);
      else if (event.key === "-") to(zoom / 2);
      else if (event.key in steps && zoom > 1) {
        event.preventDefault();
        x += (steps[event.key][0] * width) / zoom / 8;
        y += (steps[event.key][1] * height) / zoom / 8;
        draw();
      }
    });
    let held = null;
    svg.addEventListener("pointerdown", (event) => { held = zoom > 1 ? [event.clientX, event.clientY] : null; });
    addEventListener("pointerup", () => { held = null; });
    svg.addEventListener("pointermove", (event) => {
      if (!held) return;
      const bounds = svg.getBoundingClientRect();
      x -= ((event.clientX - held[0]) / bounds.width) * (width / zoom);
      y -= ((event.clientY - held[1]) / bounds.height) * (height / zoom);
      held = [event.clientX, event.clientY];
      draw();
    });

    // titles are shown at once, and on touch; the browser's own would come on top of that
    for (const title of svg.querySelectorAll("title")) {
      const owner = title.parentElement;
      owner.dataset.title = title.textContent;
      owner.setAttribute("aria-label", title.textContent);
      title.remove();
    }
    const tell = (event) => {
      const owner = event.target.closest("[data-title]");
      readout.hidden = !owner;
      if (!owner) return;
      readout.textContent = owner.dataset.title;
      const bounds = box.getBoundingClientRect();
      place(readout, event.clientX - bounds.left, bounds.width);
      readout.style.top = `${Math.max(0, Math.min(event.clientY - bounds.top + 14, bounds.height - readout.offsetHeight - 4))}px`;
    };
    svg.addEventListener("pointerover", tell);
    svg.addEventListener("click", tell);
    svg.addEventListener("pointerleave", () => { readout.hidden = true; });

    new ResizeObserver(draw).observe(svg);
    draw();
  }

  function contents() {
    const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
    const seen = new Set();
    const observer = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const current = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    }, { rootMargin: "-10% 0px -60% 0px" });
    for (const id of links.keys()) observer.observe(document.getElementById(id));
  }

  document.querySelectorAll(".data").forEach(table);
  document.querySelectorAll(".chart").forEach(chart);
  document.querySelectorAll(".zoomable").forEach(zoomable);
  contents();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("#findings details")) details.open = true;
  });
})();
