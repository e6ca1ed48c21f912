"""The settings of the telephone: which Asterisk, its ports, its trunks, and what is recorded."""

from dataclasses import dataclass
from pathlib import Path

from civicline.config import ice_kind, kinds
from civicline.config.calling_options import CallingOptions
from civicline.config.declaring import option
from civicline.config.recording_key_kind import RecordingKey, recording_keys
from civicline.config.trunk_kind import Trunk, trunks


@dataclass(frozen=True)
class VoiceOptions(CallingOptions):
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
        "Port of ARI and of the browsers' telephones, on this machine alone: browsers come through /live/telephone.",
    )
    voice_secret: str = option(
        "voice.secret",
        "",
        kinds.secret,
        "Secret from which the passwords of telephones follow. When not given, one is made and kept in the var folder; "
        "web processes on other machines need the same.",
        secret=True,
    )
    voice_door: str = option(
        "voice.door",
        "",
        kinds.url("ws", "wss"),
        "Where our own web processes reach the exchange's SIP over WebSocket, such as ws://10.0.0.20:8090/ws. When not "
        "given: beside ARI.",
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
    voice_ice_candidates: tuple[str, ...] = option(
        "voice.ice_candidates",
        (),
        ice_kind.candidates,
        "Addresses of this machine and what browsers are told instead, such as 10.0.0.5=198.51.100.7. Needed only "
        "where voice.public_address is not enough.",
    )
    voice_stun: tuple[str, ...] = option(
        "voice.stun",
        (),
        ice_kind.stun,
        "Servers that tell browsers and the exchange their own address, such as stun:stun.example.org:3478.",
    )
    voice_turn: tuple[str, ...] = option(
        "voice.turn",
        (),
        ice_kind.turn,
        "Servers that relay sound for browsers behind strict firewalls, such as "
        "turn:turn.example.org:3478?transport=udp.",
    )
    voice_turn_secret: str = option(
        "voice.turn_secret",
        "",
        kinds.text,
        "Secret shared with the TURN server (coturn: static-auth-secret): each browser gets a password for some hours.",
        secret=True,
    )
    voice_turn_user: str = option(
        "voice.turn_user",
        "",
        kinds.text,
        "Lasting name at the TURN server, for the exchange; browsers get it too when there is no voice.turn_secret.",
    )
    voice_turn_password: str = option(
        "voice.turn_password", "", kinds.text, "Password of voice.turn_user.", secret=True
    )
    voice_guest_lines: int = option(
        "voice.guest_lines",
        10,
        kinds.whole(0, 500),
        "Residents who may call from the page /call/ at once; 0: there is no such page.",
    )
    voice_guest_number: str = option(
        "voice.guest_number",
        "",
        kinds.text,
        "Number whose menu answers calls from the page /call/. When not given: the main menu.",
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
        kinds.choice("never", "consent", "always"),
        "Whether conversations are recorded, in queues without a rule of their own: never, on consent (callers are "
        "asked for a key), or always (callers are told).",
    )
    voice_recording_days: int = option(
        "voice.recording_days",
        90,
        kinds.whole(1, 36500),
        "Days until a recording is erased, in queues without a rule of their own.",
    )
    voice_recording_keys: tuple[RecordingKey, ...] = option(
        "voice.recording_keys",
        (),
        recording_keys,
        "Keys that recordings and voice messages are stored with, as name:key; `civicline voice key` makes one. The "
        "first encrypts, all decrypt. When not given, one is made and kept in `recordings.key` in the var folder.",
        secret=True,
    )
    voice_hear_own: bool = option(
        "voice.hear_own",
        False,
        kinds.flag,
        "Whether agents may hear the recordings of their own calls.",
    )
    voice_recogniser: str = option(
        "voice.recogniser",
        "none",
        kinds.text,
        "What understands callers who speak instead of pressing a key: none, or the name of what an installed package "
        "offers under civicline.recognisers.",
    )
    voice_transcriber: str = option(
        "voice.transcriber",
        "none",
        kinds.text,
        "What writes down voice messages: none, or the name of what an installed package offers under "
        "civicline.transcribers.",
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

    @property
    def voice_socket(self) -> str:
        """Where the exchange takes SIP over WebSocket (RFC 7118); only our own door goes there."""
        if self.voice_door:
            return self.voice_door
        if self.voice_mode == "external":
            return f"ws{self.voice_ari_url.removeprefix('http')}/ws"
        return f"ws://127.0.0.1:{self.voice_ari_port}/ws"

    @property
    def voice_guests(self) -> bool:
        """Whether residents may call from the page /call/."""
        return self.voice_mode != "off" and self.voice_guest_lines > 0
