"""`collector completion`: completion scripts for the common shells."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the shell's completion script.

    \b
    Example:
      collector completion bash > /etc/bash_completion.d/collector
    """
    source = get_completion_class(shell)
    if source is None:
        raise click.UsageError(f"no completion for {shell}")
    root = context.find_root().command
    click.echo(source(root, {}, "collector", "_COLLECTOR_COMPLETE").source())
