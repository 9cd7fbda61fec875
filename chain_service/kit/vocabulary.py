"""Words of the Core Business Vocabulary, whichever way they are written, and their full URIs.

Source: CBV 2.0 (ISO/IEC 19988) sections 7.1 to 7.8; sensor measurement and alert types are terms of the GS1 Web
Vocabulary (CBV 2.0 section 7.7). A word may come as `shipping`, `cbv:BizStep-shipping`,
`urn:epcglobal:cbv:bizstep:shipping` or `https://ref.gs1.org/cbv/BizStep-shipping`; the last one is the result.
"""

from collections.abc import Mapping

from chain_service.kit.curie import GS1_PREFIXES, expand, is_uri

_CBV = GS1_PREFIXES["cbv"]
_WEB_VOCABULARY = GS1_PREFIXES["gs1"]
_GS1_NAMESPACES = (
    *("cbv:", "gs1:", "epcis:", "cbvmda:", "urn:epcglobal:"),
    *(f"{http}://{host}gs1.org/" for http in ("https", "http") for host in ("", "www.", "ref.", "ns.")),
)


class InvalidWord(ValueError):
    """A word that a vocabulary does not define. `reason` says so in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Vocabulary:
    """One list of the standard: `title` for messages, `words` between spaces, `namespace` + word the full URI."""

    def __init__(self, title: str, namespace: str, urn: str | None, words: str) -> None:
        self.title = title
        self.words = frozenset(words.split())
        self._uris: dict[str, str] = {}
        for word in self.words:
            uri = namespace + word
            curie = uri.replace(_CBV, "cbv:").replace(_WEB_VOCABULARY, "gs1:")
            self._uris |= {word: uri, curie: uri, uri: uri}
            if urn:
                self._uris[urn + word] = uri

    def uri(self, word: str, declared: Mapping[str, str] = GS1_PREFIXES) -> str:
        """The full URI of a word in any of its forms; a URI of another vocabulary comes back in full.

        `declared`: the prefixes of the document. Raises InvalidWord for a bare word outside the list and for a name
        in GS1's own namespaces that the list does not define.
        """
        known = self._uris.get(word)
        if known is not None:
            return known
        full = expand(word, declared)
        known = self._uris.get(full)
        if known is not None:
            return known
        if full.lower().startswith(_GS1_NAMESPACES) or word.startswith(_GS1_NAMESPACES) or not is_uri(full):
            raise InvalidWord(
                f"'{word[:80]}' is no {self.title} of the Core Business Vocabulary 2.0 "
                f"(such as '{min(self.words)}'); words of other vocabularies are given as full URIs"
            )
        return full


STEPS = Vocabulary(
    "business step",
    f"{_CBV}BizStep-",
    "urn:epcglobal:cbv:bizstep:",
    """accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
    unloading unpacking void_shipping""",
)
DISPOSITIONS = Vocabulary(
    "disposition",
    f"{_CBV}Disp-",
    "urn:epcglobal:cbv:disp:",
    """active available completeness_inferred completeness_verified conformant container_closed container_open damaged
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable
    unknown""",
)
TRANSACTION_TYPES = Vocabulary(
    "business transaction type",
    f"{_CBV}BTT-",
    "urn:epcglobal:cbv:btt:",
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt",
)
SOURCE_TYPES = Vocabulary(
    "source or destination type",
    f"{_CBV}SDT-",
    "urn:epcglobal:cbv:sdt:",
    "location owning_party possessing_party",
)
ERROR_REASONS = Vocabulary("error reason", f"{_CBV}ER-", "urn:epcglobal:cbv:er:", "did_not_occur incorrect_data")
COMPONENTS = Vocabulary(
    "component of a measured value",
    f"{_CBV}Comp-",
    None,
    """altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle
    spherical_radius x y z""",
)
ALERT_TYPES = Vocabulary("sensor alert type", _WEB_VOCABULARY, None, "ALARM_CONDITION ERROR_CONDITION")
# The last two stand in GS1's own EPCIS 2.0 sensor examples, though the released code list names neither.
MEASUREMENTS = Vocabulary(
    "sensor measurement type",
    _WEB_VOCABULARY,
    None,
    """AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
    MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
    RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
    SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
    Wavenumber EffectiveDoseRate Molar_concentration""",
)

step_uri = STEPS.uri
disposition_uri = DISPOSITIONS.uri
transaction_type_uri = TRANSACTION_TYPES.uri
source_type_uri = SOURCE_TYPES.uri
error_reason_uri = ERROR_REASONS.uri
component_uri = COMPONENTS.uri
alert_uri = ALERT_TYPES.uri
measurement_uri = MEASUREMENTS.uri
