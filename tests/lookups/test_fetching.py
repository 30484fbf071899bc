"""One request over a real wire: it ends in time, stays small, follows nothing, and proves the name."""

import asyncio
import ssl
import subprocess
import time

import pytest
from company_service import ORDER, CompanyService

from lookups.fetching import MAX_BYTES, Fetcher
from lookups.guard import Guard, InternalHosts
from lookups.views import LookUpFailed

ORIGIN = ("http", "shop.internal", 80)


async def get(service, target, *, within_s=5.0, headers=()):
    return await Fetcher(service.guard()).get(ORIGIN, target, list(headers), within_s=within_s)


async def failure(service, target, **more):
    with pytest.raises(LookUpFailed) as failed:
        await get(service, target, **more)
    return failed.value


async def test_an_answer_is_read_and_the_question_is_plain(service, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert await get(service, "/good?a=1", headers=[("X-Key", "s3cret")]) == ORDER
    ((target, headers),) = service.asked
    assert target == "/good?a=1"
    assert headers == {
        "host": "shop.internal",
        "accept": "application/json",
        "user-agent": "Deskhand look-up",
        "accept-encoding": "identity",
        "connection": "close",
        "x-key": "s3cret",
    }


@pytest.mark.parametrize("target", ["/none", "/nothing"])
async def test_not_there_is_no_failure(service, target):
    assert await get(service, target) is None


@pytest.mark.parametrize(("target", "empty"), [("/empty", None), ("/null", None), ("/list", [])])
async def test_empty_answers(service, target, empty):
    assert await get(service, target) == empty


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/redirect", "redirect"),
        ("/broken", "status"),
        ("/forbidden", "status"),
        ("/page", "not_json"),
        ("/page-as-json", "not_json"),
        ("/packed", "not_json"),
        ("/deep", "not_json"),
        ("/number", "not_json"),
        ("/infinity", "not_json"),
        ("/latin", "not_json"),
        ("/endless", "too_large"),
        ("/cut-off", "broken"),
        ("/no-http", "broken"),
        ("/big-headers", "broken"),
    ],
)
async def test_what_cannot_be_used_is_a_failure_with_its_cause(service, target, code):
    failed = await failure(service, target)
    assert failed.code == code
    assert failed.sentence.startswith("shop.internal ")
    assert len(service.asked) == 1, "a redirect was followed"


@pytest.mark.parametrize("target", ["/slow", "/drip", "/drip-headers"])
async def test_the_time_limit_is_for_everything(service, target):
    began = time.monotonic()
    failed = await failure(service, target, within_s=0.4)
    assert failed.code == "timeout"
    assert 0.3 < time.monotonic() - began < 1.5


async def test_a_slow_resolver_counts_too(service):
    async def resolve(host, port):
        await asyncio.sleep(5)
        return ["8.8.8.8"]

    began = time.monotonic()
    with pytest.raises(LookUpFailed) as failed:
        await Fetcher(Guard(resolve=resolve)).get(("https", "shop.example", 443), "/", [], within_s=0.3)
    assert failed.value.code == "timeout"
    assert time.monotonic() - began < 1.5


async def test_an_answer_may_be_as_large_as_allowed_and_no_larger(service):
    service.body = b'"' + b"a" * (MAX_BYTES - 2) + b'"'
    assert len(await get(service, "/good")) == MAX_BYTES - 2
    service.body = b'"' + b"a" * (MAX_BYTES - 1) + b'"'
    assert (await failure(service, "/good")).code == "too_large"


async def test_nobody_there(service):
    guard = Guard(InternalHosts.parse("shop.internal:80=127.0.0.1:9"))
    with pytest.raises(LookUpFailed) as failed:
        await Fetcher(guard).get(ORIGIN, "/", [], within_s=2)
    assert (failed.value.code, failed.value.sentence) == (
        "unreachable",
        "Nothing answers at shop.internal:80.",
    )


async def test_the_next_address_is_tried_where_one_refuses(service):
    async def resolve(host, port):
        return ["127.0.0.9", "127.0.0.1"]

    guard = Guard(InternalHosts.parse(f"shop.internal:80=shop:{service.port}"), resolve=resolve)
    assert await Fetcher(guard).get(ORIGIN, "/good", [], within_s=2) == ORDER


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for shop.internal that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=shop"
    )
    more = ["-addext", "subjectAltName=DNS:shop.internal", "-keyout", key, "-out", cert]
    subprocess.run([*command.split(), *more], check=True, capture_output=True)
    return key, cert


async def test_the_certificate_must_prove_the_name_and_not_the_address(certificate):
    key, cert = certificate
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    names = []
    server.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(cert))
    async with CompanyService(tls=server) as service:
        guard = Guard(
            InternalHosts.parse(
                f"shop.internal:443=127.0.0.1:{service.port},other.internal:443=127.0.0.1:{service.port}"
            )
        )
        fetcher = Fetcher(guard, certificates=trusting)
        assert await fetcher.get(("https", "shop.internal", 443), "/good", [], within_s=3) == ORDER
        assert service.asked[0][1]["host"] == "shop.internal"
        for host, asking in (("other.internal", fetcher), ("shop.internal", Fetcher(guard))):
            with pytest.raises(LookUpFailed) as failed:
                await asking.get(("https", host, 443), "/good", [], within_s=3)
            assert failed.value.code == "tls"
        assert names == ["shop.internal", "other.internal", "shop.internal"]
        assert len(service.asked) == 1
