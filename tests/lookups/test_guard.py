"""What look-ups may reach: public addresses only, whatever a name or a number is written like."""

import random
from ipaddress import IPv4Address, IPv6Address

import pytest

from lookups.fetching import Fetcher
from lookups.guard import Guard, InternalHosts, SystemResolver, is_public
from lookups.url_template import BadTemplate, UrlTemplate
from lookups.views import LookUpFailed
from server.settings import Settings

INNER_V4 = [
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
PUBLIC_V4 = ["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.32.0.1"]
INNER_V6 = [
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "100::1",
    "2606:4700::1%lo",
]


@pytest.mark.parametrize(
    "address", [*INNER_V4, *INNER_V6, "", "localhost", "127.1", "0x7f000001", "2130706433"]
)
def test_inner_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [*PUBLIC_V4, "2606:4700:4700::1111", "2a00:1450::8"])
def test_public_addresses_are(address):
    assert is_public(address)


@pytest.mark.parametrize("address", INNER_V4)
def test_an_inner_address_stays_one_behind_ipv6(address):
    plain = int(IPv4Address(address))
    for outer in (0xFFFF << 32, int(IPv6Address("64:ff9b::")), int(IPv6Address("2002::")) | plain << 80):
        inner = outer if outer > 1 << 125 else outer | plain
        assert not is_public(str(IPv6Address(inner)))


def test_a_public_address_behind_ipv6_is_public():
    assert is_public("::ffff:8.8.8.8")
    assert is_public("64:ff9b::8.8.8.8")


def test_nothing_that_python_calls_private_is_public():
    """Any address at all, and many at the edges of the known networks."""
    dice = random.Random(20)
    numbers = [dice.getrandbits(32) for _ in range(3000)]
    numbers += [
        int(IPv4Address(one)) + step for one in INNER_V4 for step in (0, 1) if one != "255.255.255.255"
    ]
    for number in numbers:
        address = IPv4Address(number)
        if address.is_private or address.is_multicast or address.is_reserved or address.is_loopback:
            assert not is_public(str(address)), address
            assert not is_public(f"::ffff:{address}"), address
    for _ in range(3000):
        address6 = IPv6Address(dice.getrandbits(128) >> dice.choice((0, 0, 16, 64, 96)))
        if not address6.is_global or address6.is_multicast:
            assert not is_public(str(address6)), address6


def forms(address):
    """The same IPv4 address as browsers, libc and humans write it."""
    number, parts = int(IPv4Address(address)), address.split(".")
    octal = [f"0{int(part):o}" for part in parts]
    yield from (
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(octal),
        ".".join(map(hex, map(int, parts))),
    )
    yield f"{parts[0]}.{int(parts[1]) << 16 | int(parts[2]) << 8 | int(parts[3])}"
    yield f"{parts[0]}.{parts[1]}.{int(parts[2]) << 8 | int(parts[3])}"
    yield ".".join(part.zfill(3) for part in parts)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "8.8.8.8"])
def test_an_address_in_an_odd_form_is_no_host(address):
    for form in {*forms(address)} - {address}:
        for tail in ("", "."):
            with pytest.raises(BadTemplate):
                UrlTemplate.parse(f"https://{form}{tail}/")


async def test_and_if_one_came_through_its_address_would_be_checked():
    """The resolver of the machine reads all these forms; the guard looks at what it made of them."""
    guard = Guard()
    for form in {*forms("127.0.0.1"), "localhost", "localhost."}:
        with pytest.raises(LookUpFailed) as refused:
            await guard.addresses(form, 443)
        assert refused.value.code in ("refused_address", "unreachable")
    guard.close()


@pytest.mark.parametrize(
    "authority",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.0.0.1:443",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[fd00:ec2::254]",
        "169.254.169.254",
        "localhost",
        "LOCALHOST.",
    ],
)
async def test_a_host_that_may_be_written_is_still_refused_at_the_door(authority):
    url = UrlTemplate.parse(f"https://{authority}/")
    with pytest.raises(LookUpFailed) as refused:
        await Fetcher(Guard()).get(url.origin, "/", [], within_s=2)
    assert refused.value.code == "refused_address"
    assert "LOOKUP_INTERNAL_HOSTS" in refused.value.sentence


@pytest.mark.parametrize(
    "url",
    [
        "https://user@shop.example/",
        "https://user:pass@shop.example/",
        "https://shop.example@127.0.0.1/",
        "https://shop.example%40127.0.0.1/",
        "https://shop.example\\@127.0.0.1/",
        "https://127。0。0。1/",
        "https://127．0．0．1/",
        "https://ｌｏｃａｌｈｏｓｔ/",
        "https://①②⑦.0.0.1/",
        "https://shop.example:443:80/",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop..example/",
        "https://.example/",
        "https:///orders",
        "https://[::1/",
        "https://::1/",
        "https://[::1%25eth0]/",
        "https://[127.0.0.1]x/",
        "https://shop.example /",
        "https://shop.example\t/",
        "https://shop.example/\nHost: evil",
        "file:///etc/passwd",
        "ftp://shop.example/",
        "//shop.example/",
        "shop.example/orders",
        "javascript:alert(1)",
        "https:/shop.example/",
    ],
)
def test_what_parsers_could_read_in_two_ways_is_no_address(url):
    with pytest.raises(BadTemplate):
        UrlTemplate.parse(url)


class Names:
    """A resolver whose answers come one after the other; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_a_name_that_turns_inward_after_the_check_gains_nothing(service):
    """DNS rebinding: the check sees a public address, a second look would see this machine."""
    names = Names(["192.0.2.55"], ["127.0.0.1"])
    guard = Guard(resolve=names)
    with pytest.raises(LookUpFailed):
        await guard.addresses("rebind.example", 443)
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    assert await Guard(resolve=names).addresses("rebind.example", 443) == [("8.8.8.8", 443)]
    assert names.asked == 1

    names = Names(["8.8.8.8"], ["127.0.0.1"])
    fetcher, connected = Fetcher(Guard(resolve=names)), []

    async def connect(address, port, *more):
        connected.append((address, port))
        raise LookUpFailed("unreachable", "no network in this test")

    fetcher._network._tcp.connect_tcp = connect
    with pytest.raises(LookUpFailed, match="no network"):
        await fetcher.get(("https", "rebind.example", 443), "/", [], within_s=1)
    assert connected == [("8.8.8.8", 443)]
    assert names.asked == 1
    assert service.asked == []


async def test_one_inner_address_among_public_ones_refuses_the_name():
    for inner in ("127.0.0.1", "::1", "::ffff:10.0.0.1"):
        for answer in (["8.8.8.8", inner], [inner, "8.8.8.8"]):
            with pytest.raises(LookUpFailed) as refused:
                await Guard(resolve=Names(answer)).addresses("mixed.example", 443)
            assert refused.value.code == "refused_address"


async def test_only_the_ports_of_the_web():
    guard = Guard(resolve=Names(["8.8.8.8"]))
    assert await guard.addresses("shop.example", 80)
    for port in (22, 25, 5005, 5432, 6379, 8001, 8443):
        with pytest.raises(LookUpFailed, match=f"Port {port}"):
            await guard.addresses("shop.example", port)


async def test_a_name_without_an_address_is_unreachable():
    for resolve in (Names([]), SystemResolver()):
        with pytest.raises(LookUpFailed) as failed:
            await Guard(resolve=resolve).addresses("nowhere.invalid", 443)
        assert failed.value.code == "unreachable"


async def test_addresses_of_the_older_kind_come_first():
    guard = Guard(resolve=Names(["2606:4700::1", "1.1.1.1"]))
    assert await guard.addresses("shop.example", 443) == [("1.1.1.1", 443), ("2606:4700::1", 443)]


async def test_what_the_operator_names_is_allowed_with_this_port_only():
    internal = InternalHosts.parse("Orders.Internal:8080, [::1]:9000,demo-shop:80=127.0.0.1:8002")
    guard = Guard(internal, resolve=Names(["10.0.0.7"]))
    assert await guard.addresses("orders.internal", 8080) == [("10.0.0.7", 8080)]
    assert await guard.addresses("demo-shop", 80) == [("10.0.0.7", 8002)]
    assert ("::1", 9000) in internal
    for host, port in (("orders.internal", 443), ("orders.internal", 8081), ("x.orders.internal", 8080)):
        with pytest.raises(LookUpFailed):
            await guard.addresses(host, port)


@pytest.mark.parametrize(
    "wrong", ["orders", "orders:", ":80", "orders:0", "orders:99999", "a b:80", "x:80=y"]
)
def test_an_entry_that_is_no_place_is_refused(wrong):
    with pytest.raises(ValueError, match="not host:port"):
        InternalHosts.parse(wrong)


@pytest.mark.parametrize(
    "text", ["", "a.b:80", "a:80,b:81", " a:80 , b_c:443 ", "[::1]:9000", "demo-shop:80=127.0.0.1:8002"]
)
def test_what_the_setting_takes_the_guard_takes_too(text):
    InternalHosts.parse(Settings(lookup_internal_hosts=text).lookup_internal_hosts)


@pytest.mark.parametrize("text", ["a", "a:", "http://a:80", "a:80;b:80", "a:80=b", "a/b:80", "*:80"])
def test_a_setting_that_does_not_fit_ends_the_start_with_its_name(text):
    with pytest.raises(ValueError, match="LOOKUP_INTERNAL_HOSTS"):
        Settings(lookup_internal_hosts=text)
