"""The settings of the telephone: which Asterisk, its ports, its trunks, and what is recorded."""

from dataclasses import dataclass
from pathlib import Path

from civicline.config import kinds
from civicline.config.declaring import option
from civicline.config.trunk_kind import Trunk, trunks


@dataclass(frozen=True)
class VoiceOptions:
    """The table [voice]. Ports are of the Asterisk that Civicline runs itself (mode "embedded")."""

    voice_mode: str = option(
        "voice.mode",
        "off",
        kinds.choice("off", "embedded", "external"),
        "Off: no telephone. Embedded: Civicline configures and runs an Asterisk of its own. External: it drives "
        "the Asterisk at voice.ari_url.",
    )
    voice_asterisk: str = option(
        "voice.asterisk",
        "",
        kinds.text,
        "Program or folder of the Asterisk to run. When not given: the system's own (20.14 or newer), or else one "
        "unpacked from Debian's packages into the cache folder.",
    )
    voice_cache: str = option(
        "voice.cache",
        "",
        kinds.text,
        "Where an unpacked Asterisk is kept (180 MB). When not given: civicline in the cache folder of this account.",
    )
    voice_ari_url: str = option(
        "voice.ari_url",
        "",
        kinds.url("http", "https"),
        "Address of the Asterisk to drive, such as http://127.0.0.1:8088; for mode external.",
    )
    voice_ari_user: str = option(
        "voice.ari_user", "civicline", kinds.text, "Name of the user in its ari.conf."
    )
    voice_ari_password: str = option(
        "voice.ari_password",
        "",
        kinds.text,
        "Password of that user. The embedded Asterisk gets one made for this installation.",
        secret=True,
    )
    voice_ari_port: int = option(
        "voice.ari_port",
        8088,
        kinds.whole(1, 65535),
        "Port of ARI and of the browsers' telephones (/ws); never beyond this machine, put a proxy before it.",
    )
    voice_sip_host: str = option(
        "voice.sip_host",
        "127.0.0.1",
        kinds.text,
        "Address on which trunks and desk phones reach the Asterisk.",
    )
    voice_sip_port: int = option("voice.sip_port", 5060, kinds.whole(1, 65535), "Port for SIP (UDP and TCP).")
    voice_tls_port: int = option(
        "voice.tls_port", 5061, kinds.whole(1, 65535), "Port for SIP over TLS, when there is a certificate."
    )
    voice_tls_certificate: str = option(
        "voice.tls_certificate",
        "",
        kinds.text,
        "File with certificate chain and private key (PEM) for SIP over TLS. When not given, there is no TLS port.",
    )
    voice_public_address: str = option(
        "voice.public_address",
        "",
        kinds.text,
        "Address under which the other side sees this machine, when it stands behind NAT.",
    )
    voice_rtp_first: int = option("voice.rtp_first", 20000, kinds.whole(1024, 65000), "First port for sound.")
    voice_rtp_last: int = option("voice.rtp_last", 23999, kinds.whole(1025, 65535), "Last port for sound.")
    voice_trunks: tuple[Trunk, ...] = option(
        "voice.trunks",
        (),
        trunks,
        "Lines to the telephone network, each a table [[voice.trunks]] with id and host, and where needed from "
        "(networks that calls come from), user and password.",
        secret=True,
    )
    voice_numbers: tuple[str, ...] = option(
        "voice.numbers",
        (),
        kinds.words,
        "Where calls to a number go when no menu answers it: +44123456=council-tax means the service council-tax. "
        "Any other number goes to general enquiries.",
    )
    voice_synthesiser: str = option(
        "voice.synthesiser",
        "espeak-ng",
        kinds.text,
        "Which voice reads prompts aloud: espeak-ng, or the name of one that an installed package offers under "
        "civicline.synthesisers.",
    )
    voice_recording: str = option(
        "voice.recording",
        "never",
        kinds.choice("never", "always"),
        "Whether conversations are recorded. Tell callers before you turn it on.",
    )
    voice_lines: int = option(
        "voice.lines",
        300,
        kinds.whole(1, 100_000),
        "Calls at once. The next caller hears an announcement and can leave a message.",
    )

    @property
    def voice_folder(self) -> Path:
        """Where configuration, passwords and sounds of the embedded Asterisk stand."""
        return Path(getattr(self, "var")).absolute() / "voice"  # noqa: B009 -- declared by the class that has all
