"""Labels are read back with a real decoder, PNG as it is and SVG from the shapes that it draws."""

import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from chain_service import errors
from chain_service.items import endpoints
from chain_service.items.labels import InvalidLabel, label, symbol
from chain_service.items.printing import run
from chain_service.kit.gs1 import InvalidKey

BASE = "https://brand.example"
SERIAL = "https://id.gs1.org/01/09521234543213/21/A1"
IDENTIFIERS = {
    SERIAL: f"{BASE}/01/09521234543213/21/A1",
    "urn:epc:id:sgtin:9521234.054321.A1": f"{BASE}/01/09521234543213/21/A1",
    "https://shop.example/01/09521234543213/22/X/10/L1/21/A1?17=271231": f"{BASE}/01/09521234543213/21/A1",
    "/01/09521234543213/10/L1": f"{BASE}/01/09521234543213/10/L1",
    "/00/195212340000000010": f"{BASE}/00/195212340000000010",
    "/01/09521234543213/21/A%2F1%3A%25": f"{BASE}/01/09521234543213/21/A%2F1%3A%25",
    "/414/9521321000018": f"{BASE}/414/9521321000018",
}


def read(image):
    found = zxingcpp.read_barcodes(image)
    assert len(found) == 1
    return found[0]


def drawn(svg, pixels=8):
    """The SVG as a picture: each subpath of our own is M x y h width v height H x z."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox").split())
    image = Image.new("L", (int(width * pixels), int(height * pixels)), 128)
    draw = ImageDraw.Draw(image)
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        shade = {"#fff": 255, "#000": 0}[path.get("fill")]
        for x, y, w, h in re.findall(r"M(\d+) (\d+)h(\d+)v([\d.]+)H\d+z", path.get("d")):
            left, top = float(x) * pixels, float(y) * pixels
            draw.rectangle((left, top, left + float(w) * pixels - 1, top + float(h) * pixels - 1), shade)
    return image


@pytest.mark.parametrize(("identifier", "link"), IDENTIFIERS.items())
def test_png_and_svg_decode_to_the_canonical_link_on_the_base(identifier, link):
    assert read(Image.open(BytesIO(label(identifier, BASE, "png")))).text == link
    assert read(drawn(label(identifier, BASE + "/", "svg"))).text == link


def test_error_correction_is_level_m():
    assert read(Image.open(BytesIO(label(SERIAL, BASE, "png")))).ec_level == "M"


@pytest.mark.parametrize("text", [True, False])
def test_quiet_zone_of_four_modules_is_light_on_every_side(text):
    modules = symbol(SERIAL, BASE, text).modules
    size = len(modules)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if min(x, y, size - 1 - x, size - 1 - y) < 4:
                assert not dark
    assert modules[4][4]
    assert modules[4][size - 5]
    assert modules[size - 5][4]


def test_text_stays_out_of_the_quiet_zone_and_inside_the_label():
    made = symbol("/01/09521234543213/21/WWWWWWWWWWWWWWWWWWWW", BASE)
    image = Image.open(BytesIO(label("/01/09521234543213/21/WWWWWWWWWWWWWWWWWWWW", BASE, "png"))).convert("L")
    pixels = image.width // len(made.modules)
    below = range((len(made.modules) - 4) * pixels, len(made.modules) * pixels)
    assert all(image.getpixel((x, y)) for x in range(image.width) for y in below)
    edges = [image.getpixel((x, y)) for x in (0, image.width - 1) for y in range(image.height)]
    assert all(edges)
    assert len(made.lines) > 2


def test_svg_is_sized_in_millimetres_by_the_module():
    size = len(symbol(SERIAL, BASE).modules)
    root = ElementTree.fromstring(label(SERIAL, BASE, "svg", x_mm=0.5, text=False))
    assert root.get("width") == root.get("height") == f"{size * 0.5:.3f}mm"
    assert root.get("viewBox") == f"0 0 {size} {size}"


def test_png_prints_a_module_as_wide_as_asked():
    image = Image.open(BytesIO(label(SERIAL, BASE, "png", x_mm=0.6, text=False)))
    pixels_per_module = image.width / len(symbol(SERIAL, BASE).modules)
    assert pixels_per_module / image.info["dpi"][0] * 25.4 == pytest.approx(0.6, abs=0.001)


def test_text_shows_the_keys_with_their_application_identifiers():
    root = ElementTree.fromstring(label(SERIAL, BASE, "svg"))
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["(01) 09521234543213", "(21) A1"]
    assert (
        list(ElementTree.fromstring(label(SERIAL, BASE, "svg", text=False)).iter("{http://www.w3.org/2000/svg}text"))
        == []
    )


def test_markup_in_a_serial_number_stays_text():
    svg = label("/01/09521234543213/21/%3Cb%3E%26", BASE, "svg")
    assert b"(21) &lt;b&gt;&amp;" in svg
    assert read(drawn(svg)).text == f"{BASE}/01/09521234543213/21/%3Cb%3E%26"


@pytest.mark.parametrize(
    "identifier",
    [
        "/01/09521234543210/21/A1",
        "/01/0952123454321",
        "/hello",
        "urn:epc:id:sgtin:9521234.054321",
        "https://id.gs1.org/x",
    ],
)
def test_malformed_key_raises_invalid_key(identifier):
    with pytest.raises(InvalidKey):
        label(identifier, BASE)


@pytest.mark.parametrize("identifier", ["urn:example:tank:7", "hello", ""])
def test_identifier_without_a_digital_link_raises_invalid_label(identifier):
    with pytest.raises(InvalidLabel):
        label(identifier, BASE)


@pytest.mark.parametrize("base", ["", "brand.example", "ftp://brand.example", "https://", "https://brand.example?a=b"])
def test_base_that_is_no_web_address_raises_invalid_label(base):
    with pytest.raises(InvalidLabel):
        label(SERIAL, base)


@pytest.mark.parametrize("x_mm", [0.395, 0.991, 0, -1, float("nan")])
def test_module_outside_the_range_of_gs1_raises_invalid_label(x_mm):
    with pytest.raises(InvalidLabel):
        label(SERIAL, BASE, x_mm=x_mm)


def test_link_too_long_for_a_code_raises_invalid_label():
    with pytest.raises(InvalidLabel):
        label(SERIAL, BASE + "/" + "x" * 3000)


def test_command_writes_a_file(tmp_path):
    out = tmp_path / "label.png"
    assert run("urn:epc:id:sgtin:9521234.054321.A1", "png", out, BASE) == 0
    assert read(Image.open(out)).text == f"{BASE}/01/09521234543213/21/A1"


@pytest.fixture
def client():
    app = FastAPI()
    app.state.settings = type("Settings", (), {"public_url": BASE})
    errors.install(app)
    app.include_router(endpoints.router)
    return TestClient(app)


@pytest.mark.parametrize("fmt", ["svg", "png"])
def test_endpoint_answers_a_label_that_scans(client, fmt):
    answer = client.get(f"/v1/labels/01/09521234543213/21/A%2F1.{fmt}")
    assert answer.status_code == 200
    image = drawn(answer.content) if fmt == "svg" else Image.open(BytesIO(answer.content))
    assert answer.headers["content-type"] == {"svg": "image/svg+xml", "png": "image/png"}[fmt]
    assert read(image).text == f"{BASE}/01/09521234543213/21/A%2F1"


def test_endpoint_keeps_a_dot_in_the_serial_number(client):
    answer = client.get("/v1/labels/01/09521234543213/21/A.svg.png")
    assert read(Image.open(BytesIO(answer.content))).text == f"{BASE}/01/09521234543213/21/A.svg"


@pytest.mark.parametrize(
    "path", ["01/09521234543210/21/A1.svg", "01/1.png", "hello/world.svg", ".svg", "01/%ff/21/A1.svg"]
)
def test_endpoint_refuses_a_malformed_key_with_400(client, path):
    answer = client.get(f"/v1/labels/{path}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/malformed-key")
    assert answer.json()["detail"]


def test_endpoint_knows_svg_and_png_only(client):
    assert client.get("/v1/labels/01/09521234543213/21/A1.gif").status_code == 404
    assert client.get("/v1/labels/01/09521234543213/21/A1").status_code == 404


def test_endpoint_refuses_a_module_outside_the_range(client):
    assert client.get("/v1/labels/01/09521234543213.svg?x=0.1").status_code == 400
