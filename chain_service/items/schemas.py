"""The form of master data."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Texts = Annotated[dict[Language, Text], Field(max_length=50)]


class Limit(BaseModel):
    """The range that a measurement should stay in; `uom`: a UN/CEFACT Rec 20 code, such as CEL."""

    model_config = ConfigDict(extra="forbid")

    min: float | None = Field(None, allow_inf_nan=False)
    max: float | None = Field(None, allow_inf_nan=False)
    uom: str = Field(max_length=3)


class Description(BaseModel):
    """What a partner says of an item or place. Texts by language: {"en": …, "zh": …}."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "product",
                    "name": {"en": "Alpine Infant Formula 1", "zh": "高山婴儿配方奶粉 1 段"},
                    "brand": {"en": "Southern Alps Dairy", "zh": "南阿尔卑斯乳业"},
                    "image": "/samples/formula.svg",
                    "limits": {"Temperature": {"max": 25, "uom": "CEL"}},
                }
            ]
        },
    )

    kind: Literal["product", "place"]
    name: Texts = Field(min_length=1)
    brand: Texts | None = None
    description: Texts | None = None
    image: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]+$", max_length=300)] | None = Field(
        None, description="a path on this service; pages load nothing from elsewhere"
    )
    city: Texts | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(None, description="ISO 3166-1")
    geo: tuple[Annotated[float, Field(ge=-90, le=90)], Annotated[float, Field(ge=-180, le=180)]] | None = Field(
        None, description="latitude, longitude in degrees (WGS 84)"
    )
    limits: dict[str, Limit] | None = Field(None, max_length=100)
