"""The form of master data."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

_PRINTED = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"  # no control characters but tab and line ends
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True, pattern=_PRINTED)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Texts = Annotated[dict[Language, Text], Field(max_length=50)]


class Limit(BaseModel):
    """The range that a measurement should stay in; `uom`: a UN/CEFACT Rec 20 code, such as CEL."""

    model_config = ConfigDict(extra="forbid")

    min: float | None = Field(None, allow_inf_nan=False)
    max: float | None = Field(None, allow_inf_nan=False)
    uom: str = Field(max_length=3)

    @model_validator(mode="after")
    def _in_order(self) -> "Limit":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        return self


EXAMPLE: dict[str, Any] = {
    "kind": "product",
    "name": {"en": "Alpine Infant Formula 1", "zh": "高山婴儿配方奶粉 1 段"},
    "brand": {"en": "Southern Alps Dairy", "zh": "南阿尔卑斯乳业"},
    "image": "/samples/formula.svg",
    "limits": {"Temperature": {"max": 25, "uom": "CEL"}},
}


class Description(BaseModel):
    """What a partner says of an item or place. Texts by language: {"en": …, "zh": …}."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["product", "place"]
    name: Texts = Field(min_length=1)
    brand: Texts | None = None
    description: Texts | None = None
    image: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~-][A-Za-z0-9._~/-]*$", max_length=300)] | None = (
        Field(None, description="a path on this service; pages load nothing from elsewhere")
    )
    city: Texts | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(None, description="ISO 3166-1")
    geo: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = Field(
        None, description="latitude, longitude in degrees (WGS 84)"
    )
    limits: dict[str, Limit] | None = Field(None, max_length=100)


def openapi() -> dict[str, Any]:
    """The schema of Description in one piece, for OpenAPI."""
    schema = Description.model_json_schema()
    limit = schema.pop("$defs")["Limit"]
    schema["properties"]["limits"]["anyOf"][0]["additionalProperties"] = limit
    return schema
