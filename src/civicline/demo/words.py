"""What the invented residents of Saltmere say."""

from __future__ import annotations

from typing import NamedTuple


class Story(NamedTuple):
    """One thing a resident may write."""

    service: str
    channel: str
    language: str
    text: str


NAMES = (
    "Grace Okafor", "Tomasz Wrona", "Iris Vandermeer", "Elsie Thornbury", "Asha Lindqvist", "Marek Dudek",
    "Yusuf Demir", "Leila Haddad", "Carmen Ortega", "Bernard Lefèvre", "Agnes Whitlock", "Omar Farouk",
    "Rosa Medina", "Elif Kaya", "Peter Holloway", "Niamh Brady", "Chidi Eze", "Wanda Nowak", "Luc Moreau",
    "Sofia Marquez", "Hassan Aziz", "Derya Aydın", "Joan Pritchard", "Kofi Mensah",
)  # fmt: skip

STORIES = (
    Story(
        "council-tax", "chat", "en", "We moved out on 9 February and the new bill still says the whole year."
    ),
    Story("council-tax", "chat", "en", "Can I pay the bill in twelve parts instead of ten?"),
    Story("benefits", "chat", "en", "My hours at work were cut. Can I get help with the rent?"),
    Story("benefits", "chat", "es", "Perdí mi trabajo la semana pasada. ¿Qué ayudas puedo pedir?"),
    Story("general", "chat", "en", "When is the library in Mill ward open on Saturday?"),
    Story("health", "chat", "en", "Where can my mother get her flu vaccination this week?"),
    Story(
        "missed-bin", "chat", "en", "Our whole street was left out this morning. Do we put the bins back in?"
    ),
    Story("repair", "chat", "en", "The boiler shows F28 and there is no hot water since last night."),
    Story(
        "council-tax", "chat", "fr", "J'ai reçu deux avis pour le même appartement. Lequel dois-je payer ?"
    ),
    Story("benefits", "chat", "ar", "وصلتني رسالة لا أفهمها عن الإعانة. هل يمكنكم شرحها لي؟"),
    Story("council-tax", "chat", "tr", "Yeni eve taşındım, adresimi nasıl değiştirebilirim?"),
    Story(
        "repair", "chat", "en", "Water comes through the bathroom ceiling when the neighbours have a shower."
    ),
    Story(
        "pothole", "webform", "en", "Deep hole in Ropewalk Lane, in front of number 18. A cyclist fell today."
    ),
    Story(
        "missed-bin", "webform", "en", "Recycling was not taken in Cooper's Yard, the second time this month."
    ),
    Story(
        "street-light",
        "webform",
        "en",
        "The lamp at the corner of Quay Street and Mill Road is off since Monday.",
    ),
    Story("noise", "webform", "en", "Building works behind Hill Terrace begin at six every morning."),
    Story(
        "complaint",
        "webform",
        "en",
        "I told you twice that I moved, and the bill still came to the old address.",
    ),
    Story("parking-permit", "webform", "en", "A permit for the small grey car, we live in Harbour ward."),
    Story("council-tax-reduction", "webform", "es", "Vivo sola con dos hijos y trabajo media jornada."),
    Story(
        "information-request", "webform", "en", "How much did the town spend on repairing potholes last year?"
    ),
    Story("pothole", "webform", "tr", "Değirmen Yolu'nda otobüs durağının yanında büyük bir çukur var."),
)

REPLIES = {
    "en": (
        "Hello, I have read what you wrote. Let me look at it.",
        "I have put this right. You get it in writing today.",
    ),
    "es": ("Hola, he leído lo que escribió. Lo miro ahora.", "Ya está arreglado. Hoy lo recibe por escrito."),
    "fr": (
        "Bonjour, j'ai lu votre message. Je regarde.",
        "C'est corrigé. Vous le recevez par écrit aujourd'hui.",
    ),
    "ar": ("مرحبًا، قرأت رسالتك. سأنظر في الأمر.", "تم تصحيح الأمر. ستصلك رسالة اليوم."),
    "tr": ("Merhaba, yazdıklarınızı okudum. Bakıyorum.", "Düzelttim. Bugün yazılı olarak alacaksınız."),
}
