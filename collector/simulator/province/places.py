"""Lạng Sơn, simplified: the places of the simulated province. Positions and populations are roughly right."""

from dataclasses import dataclass

PROVINCE = "Lạng Sơn"


@dataclass(frozen=True, slots=True)
class District:
    """A district and its office. `code` is the office's site; `line_mbps` the contract of its WAN line."""

    code: str
    name: str
    seat: str
    lat: float
    lon: float
    population: int
    line_mbps: int
    provider: str


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune and its base stations: at how many positions, and of which technologies each.

    Attributes:
        sites: positions with an uplink router.
        relays: positions without one, behind that of the commune's first, or in a town behind a switch of the office.
    """

    name: str
    district: str
    lat: float
    lon: float
    population: int
    sites: int
    technologies: str
    relays: int = 1


DISTRICTS = (
    District("LS-TP", "TP Lạng Sơn", "Vĩnh Trại", 21.853, 106.761, 103_000, 50, "VNPT"),
    District("LS-BS", "Bắc Sơn", "thị trấn Bắc Sơn", 21.903, 106.318, 72_000, 20, "Viettel"),
    District("LS-BG", "Bình Gia", "thị trấn Bình Gia", 21.949, 106.372, 53_000, 2, "VNPT"),
    District("LS-CL", "Cao Lộc", "thị trấn Cao Lộc", 21.872, 106.769, 79_000, 30, "VNPT"),
    District("LS-CG", "Chi Lăng", "Đồng Mỏ", 21.656, 106.575, 77_000, 20, "Viettel"),
    District("LS-DL", "Đình Lập", "thị trấn Đình Lập", 21.545, 107.097, 29_000, 4, "VNPT"),
    District("LS-HL", "Hữu Lũng", "thị trấn Hữu Lũng", 21.506, 106.345, 122_000, 30, "Viettel"),
    District("LS-LB", "Lộc Bình", "thị trấn Lộc Bình", 21.757, 106.925, 85_000, 10, "VNPT"),
    District("LS-TD", "Tràng Định", "Thất Khê", 22.253, 106.470, 62_000, 10, "Viettel"),
    District("LS-VL", "Văn Lãng", "Na Sầm", 22.053, 106.617, 51_000, 10, "VNPT"),
    District("LS-VQ", "Văn Quan", "thị trấn Văn Quan", 21.866, 106.535, 57_000, 6, "Viettel"),
)

COMMUNES = (
    Commune("Vũ Lễ", "Bắc Sơn", 21.836, 106.237, 5_400, 1, "2G 3G 4G"),
    Commune("Tân Thành", "Bắc Sơn", 21.793, 106.296, 3_600, 1, "2G 4G"),
    Commune("Thiện Thuật", "Bình Gia", 22.078, 106.243, 4_100, 1, "2G 3G"),
    Commune("Tân Văn", "Bình Gia", 21.914, 106.430, 4_700, 1, "2G 3G 4G"),
    Commune("Hợp Thành", "Cao Lộc", 21.867, 106.801, 3_300, 1, "3G 4G 5G"),
    Commune("Công Sơn", "Cao Lộc", 21.897, 106.905, 1_900, 1, "2G 4G"),
    Commune("Hữu Kiên", "Chi Lăng", 21.622, 106.706, 2_800, 2, "2G 3G", relays=0),
    Commune("Mai Sao", "Chi Lăng", 21.681, 106.606, 4_300, 1, "2G 3G 4G"),
    Commune("Bắc Xa", "Đình Lập", 21.658, 107.232, 1_600, 1, "2G"),
    Commune("Bính Xá", "Đình Lập", 21.624, 107.124, 3_200, 1, "2G 4G"),
    Commune("Yên Bình", "Hữu Lũng", 21.613, 106.409, 5_900, 1, "3G 4G"),
    Commune("Thiện Tân", "Hữu Lũng", 21.565, 106.270, 5_100, 1, "2G 3G 4G"),
    Commune("Mẫu Sơn", "Lộc Bình", 21.853, 106.969, 1_200, 1, "2G 3G 4G"),
    Commune("Na Dương", "Lộc Bình", 21.703, 106.976, 7_200, 1, "2G 3G 4G 5G"),
    Commune("Quốc Khánh", "Tràng Định", 22.350, 106.448, 4_900, 1, "2G 3G 4G"),
    Commune("Đào Viên", "Tràng Định", 22.222, 106.581, 2_500, 1, "2G 3G"),
    Commune("Bắc Hùng", "Văn Lãng", 21.976, 106.689, 3_900, 1, "3G 4G 5G"),
    Commune("Hội Hoan", "Văn Lãng", 22.093, 106.457, 3_700, 1, "2G 4G"),
    Commune("Tri Lễ", "Văn Quan", 21.753, 106.477, 4_400, 1, "2G 3G 4G"),
)
CENTRE = Commune("phường Chi Lăng", "TP Lạng Sơn", 21.848, 106.757, 14_700, 0, "2G 3G 4G 5G", relays=2)
"""the ward of the data centre"""
TOWNS = (
    *(
        Commune(
            each.seat,
            each.name,
            each.lat,
            each.lon,
            population=each.population // 9,
            sites=0,
            technologies="2G 3G 4G 5G" if each.population > 100_000 else "2G 3G 4G",
            relays=2,
        )
        for each in DISTRICTS
    ),
    CENTRE,
)
"""where the offices are"""
WHITE_SPOTS = (
    Commune("Quang Trung", "Bình Gia", 22.030, 106.480, 2_300, 0, "", relays=0),
    Commune("Cường Lợi", "Đình Lập", 21.520, 107.150, 2_100, 0, "", relays=0),
)
"""communes without any base station"""

WEAK_COMMUNE = "Hữu Kiên"
"""has two positions, one of which is down: a single one is left"""
NOISY_COMMUNE = "Đào Viên"
"""the uplink of its position damages packets, so that its stations are degraded"""
SATURATED_DISTRICT = "Bình Gia"
"""wants more than its line of 2 Mbit/s carries, at any hour"""
RING = ("Cao Lộc", "Văn Lãng", "Tràng Định", "Bình Gia", "Văn Quan")
"""districts that the fibre ring passes between the two core switches of the data centre"""
OPEN_SPAN = ("Tràng Định", "Bình Gia")
"""the span of the ring that is cut"""
OPERATORS = ("Viettel", "VNPT", "MobiFone")
NEW_STATION_COMMUNE = "Na Dương"
"""its 5G went on air twelve days ago"""
REPLACED, UPGRADED = "sw-dinh-lap", "bts-mau-son-1"
"""a switch that was replaced nine days ago, a router that has had newer software for sixteen"""
RESTARTED_WEEKLY = "srv-mail-1"
"""is restarted for updates early on Sundays, as announced"""
