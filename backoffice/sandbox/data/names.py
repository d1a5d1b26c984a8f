"""What names, addresses and oddities are made of. Places and companies are invented; people are combinations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    """How companies of one country look."""

    code: str
    weight: int
    currency: str
    language: str
    tin_type: str
    tax_rate: str
    vat_prefix: str
    vat_suffix: str
    phone: str
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    ampersand: str
    streets: tuple[str, ...]
    cities: tuple[tuple[str, str], ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    titles: tuple[str, ...]
    comments: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _lines(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(","))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """ "DK Danmark, PL Polska" -> (("DK", "Danmark"), ("PL", "Polska"))"""
    return tuple((code, name) for code, _, name in (each.partition(" ") for each in _lines(text)))


DENMARK = Land(
    "DK", 40, "DKK", "da", "cvr", "25", "DK", "", "+45",
    _words("Nord Øster Vester Sønder Havn Lind Birke Ege Aske Rønne Bøge Elle Fjord Sø Kær Hede Klit Skov"),
    _words("kær rup sund holm bæk lund gård tved høj dal løse borg vig skov mark toft bro næs hus"),
    _lines("VVS, Tømrerfirma, Elinstallation, Rengøring, Transport, Bogføring, Revision, Tandlæge, Bageri, "
           "Møbler, Maskiner, Catering, Ejendomme, Rådgivning, Blomster, Cykler, Tryk, Anlæg, Murerfirma, Fisk"),
    _lines("ApS, ApS, ApS, A/S, A/S, I/S, P/S, "), "og",
    _lines("Havnegade, Algade, Nørregade, Skolevej, Kirkestræde, Møllevej, Lærkevej, Industrivej, Engdraget"),
    (("8000", "Aarhus C"), ("5000", "Odense C"), ("9000", "Aalborg"), ("2100", "København Ø"), ("6700", "Esbjerg"),
     ("4000", "Roskilde"), ("7100", "Vejle"), ("3700", "Rønne")),
    _words("Anne Søren Mette Jens Kirsten Lars Ida Freja Mikkel Åse Bjørn Astrid Rasmus Karen"),
    _words("Østergaard Nørgård Kjær Møller Lindholm Bæk Skov Toft Dahl Winther Bech Krogh Juhl Lauridsen"),
    _lines("Bogholder, Økonomichef, Direktør, Indkøber"),
    ("EAN 5790000000000 skal stå på fakturaen.", "Att.: bogholderiet"),
)  # fmt: skip
POLAND = Land(
    "PL", 20, "PLN", "pl", "nip", "23", "PL", "", "+48",
    _words("Brzozo Lipo Dębo Jasno Zielo Złoto Wilko Żubro Sokoło Wodo Kamie Biało Czarno Leśno Polno Jarzę"),
    _words("wska wice no brzeg gród sław górka mir pol dół las stok wka bór źródło"),
    _lines("Budowa, Transport, Meble, Usługi, Księgowość, Piekarnia, Handel, Stolarnia, Elektro, Instal, Ogrody, "
           "Druk, Serwis, Hurtownia, Spedycja, Doradztwo, Maszyny, Okna"),
    _lines("sp. z o.o., sp. z o.o., sp. z o.o., S.A., sp.k., s.c., sp.j."), "i",
    _lines("ul. Polna, ul. Leśna, ul. Słoneczna, ul. Krótka, ul. Ogrodowa, al. Lipowa, ul. Łąkowa, ul. Źródlana"),
    (("00-001", "Warszawa"), ("30-002", "Kraków"), ("50-003", "Wrocław"), ("80-004", "Gdańsk"), ("90-005", "Łódź"),
     ("60-006", "Poznań")),
    _words("Agnieszka Paweł Zofia Łukasz Małgorzata Michał Ewa Tomasz Kinga Wojciech Grażyna Stanisław"),
    _words("Wiśniewska Dąbrowski Żak Szymańska Wójcik Król Jabłońska Gołąb Pająk Śliwa Czarnecki Lis"),
    _lines("Księgowa, Dyrektor, Prezes"), ("Proszę podać numer zamówienia.", "Faktury tylko elektronicznie."),
)  # fmt: skip
GERMANY = Land(
    "DE", 15, "EUR", "de", "vat", "19", "DE", "", "+49",
    _words("Wald Berg Linden Eichen Hoch Alt Neu Schön Stein Grün Mühl Rosen Wolfs König Blau Förster Brücken"),
    _words("bach feld heim hausen tal hof burg dorf stedt au brunn kirch rode wiesen"),
    _lines("Logistik, Maschinenbau, Elektrotechnik, Steuerberatung, Bäckerei, Möbel, Gebäudereinigung, "
           "Verlag, Druck, Werkzeuge, Gartenbau, Beratung, Software, Küchen, Metallbau, Spedition, Brauerei"),
    _lines("GmbH, GmbH, GmbH, GmbH & Co. KG, AG, KG, UG (haftungsbeschränkt), OHG"), "und",
    _lines("Hauptstraße, Bahnhofstraße, Gartenweg, Lindenallee, Mühlgasse, Am Markt, Schulstraße, Großer Weg"),
    (("10115", "Berlin"), ("20095", "Hamburg"), ("50667", "Köln"), ("80331", "München"), ("24937", "Flensburg")),
    _words("Jürgen Anke Günther Ulrike Matthias Käthe Björn Heike Sönke Petra Thorsten Bärbel"),
    _words("Schäfer Köhler Weiß Groß Krüger Böttcher Voigt Jäger Lüders Hansen Pohl Ziegler"),
    _lines("Buchhaltung, Einkauf, Geschäftsführer"), ("Bitte Kostenstelle angeben.", "Bestellnummer angeben!"),
)  # fmt: skip
SWEDEN = Land(
    "SE", 15, "SEK", "sv", "orgnr", "25", "SE", "01", "+46",
    _words("Björk Ek Ask Gran Sjö Älv Södra Norr Väster Öster Ljung Berg Stor Lilla Tall Mörk Häll Äng"),
    _words("vik strand berga näs sta torp by sjö ås hult fors lid holm tuna"),
    _lines("Bygg, El, Måleri, Åkeri, Redovisning, Städ, Möbler, Bageri, Snickeri, Konsult, Fastigheter, Trädgård, "
           "Plåt, Rör, Tryckeri, Maskin, Livs"),
    _lines("AB, AB, AB, AB, HB, KB, Ek. för."), "och",
    _lines("Storgatan, Kyrkogatan, Ängsvägen, Björkvägen, Hamngatan, Åkervägen, Skolgatan, Östra Torget"),
    (("111 20", "Stockholm"), ("211 20", "Malmö"), ("411 04", "Göteborg"), ("222 21", "Lund"),
     ("602 20", "Norrköping")),
    _words("Åsa Göran Malin Örjan Karin Håkan Elsa Nils Saga Björn Märta Anders"),
    _words("Lindqvist Öberg Åkesson Sjöström Ekdahl Nyström Hägg Bergman Löfgren Wallin Ahlgren Strand"),
    _lines("Ekonomichef, Inköpare, VD"), ("Märk fakturan med referens.", "Endast e-faktura."),
)  # fmt: skip
BRITAIN = Land(
    "GB", 10, "GBP", "en", "vat", "20", "GB", "", "+44",
    _words("Ash Oak Willow Thorn Raven Fox Kings Bishop Mill Stone West North Hart Elm Wren Black White"),
    _words("ford ton bury wick combe ham field hurst mere leigh gate bridge stead worth"),
    _lines("Builders, Plumbing, Haulage, Accountancy, Bakery, Furniture, Cleaning, Catering, Print, "
           "Joinery, Motors, Consulting, Gardens, Property, Tools, Textiles"),
    _lines("Ltd, Ltd, Ltd, Limited, LLP, plc, "), "and",
    _lines("High Street, Station Road, Church Lane, Mill Lane, Queen's Road, The Green, Victoria Terrace"),
    (("LS1 1AA", "Leeds"), ("BS1 1AA", "Bristol"), ("M1 1AA", "Manchester"), ("EH1 1AA", "Edinburgh")),
    _words("Alice Graham Fiona Nigel Siobhán Rhys Harriet Owen Imogen Callum Zoë Derek"),
    _words("O'Connor Whitfield Marsh Hollis Penrose McAllister Thorne Baxter Quinn Fairley Hale Winslow"),
    _lines("CFO, Account manager, Director"), ("PO number required.", "Send to accounts only."),
)  # fmt: skip
LANDS = (DENMARK, POLAND, GERMANY, SWEDEN, BRITAIN)

ODD_NAMES = (
    "<script>alert(1)</script> ApS",
    "Toft \"Kunst\" & 'Ramme' A/S",
    "{{ 7*7 }} Consulting Ltd",
    "=1+1",
    "שירותי הצפון בע״מ",
    "شركة النور للتجارة",
    "🚲 Cykelhjørnet 🇩🇰 ApS",
    "Interessentskabet for fælles drift af broer, sluser, kajanlæg, ledningsnet og øvrige fællesanlæg ved "
    "Nordkær Fjord og tilstødende vandområder samt de dertil hørende veje, stier, parkeringspladser og "
    "grønne arealer i Sønder Havnerup I/S",
    "+45 Handel & Import",
    "-SUM(A1:A9)",
    "@Café",
    "O'Quinn & Daughters Ltd",
    "<img src=x onerror=alert(2)> Möbel GmbH",
    "%s %d {name} ${name}",
    "Åselund Bygg AB",  # decomposed: A and a combining ring
    "  Mellemrum   ApS ",
    "東京商事",
    "NULL",
    "Tilde~Pipe|Semi;Comma, Slash/Back\\slash Ltd",
    "a",
)
ODD_PLACES = {5 + 9 * number: name for number, name in enumerate(ODD_NAMES)}
"""The numbers of the records that bear odd names."""

COUNTRIES = _pairs(
    "DK Danmark, PL Polska, SE Sverige, DE Deutschland, NO Norge, GB United Kingdom, FI Suomi, IS Ísland, "
    "NL Nederland, BE België, LU Luxembourg, FR France, ES España, PT Portugal, IT Italia, AT Österreich, "
    "CH Schweiz, CZ Česko, SK Slovensko, HU Magyarország, RO România, BG България, GR Ελλάδα, HR Hrvatska, "
    "SI Slovenija, EE Eesti, LV Latvija, LT Lietuva, IE Ireland, MT Malta, CY Κύπρος, US United States, "
    "CA Canada, UA Україна, TR Türkiye, FO Føroyar, GL Kalaallit Nunaat"
)
"""More than one page of them, on purpose."""
CURRENCIES = _pairs(
    "DKK Dansk krone, PLN Złoty polski, SEK Svensk krona, EUR Euro, NOK Norsk krone, GBP Pound sterling, "
    "USD US dollar, CHF Schweizer Franken, CZK Česká koruna, ISK Íslensk króna, HUF Forint"
)
EMPLOYEES = (
    ("Admin Astrid", "admin@example.com"),
    ("Editor Emil", "editor@example.com"),
    ("Steward Stine", "steward@example.com"),
    ("Approver Asger", "approver@example.com"),
    ("Viewer Vibeke", "viewer@example.com"),
    ("Åse Nørgård", "aase@example.com"),
    ("Łukasz Żak", "lukasz@example.com"),
    ("Ulrike Groß", "ulrike@example.com"),
)
COST_GROUPS = (
    ("Office", "standard", "building"),
    ("Travel", "standard", "plane"),
    ("Software", "standard", "laptop"),
    ("Vehicles", "standard", "truck"),
    ("Marketing", "standard", "megaphone"),
    ("Salaries", "internal", "people"),
    ("Intercompany", "internal", "arrows"),
    ("Sales", "income", "cash"),
    ("Grants", "income", "gift"),
    ("Dividends", "dividend", "graph"),
)
ATTRIBUTE_SETS = ("Standard", "Public sector", "Retail")
NOTES = (
    "Ringet angående faktura; vender tilbage i næste uge.",
    "Asked for 30 days instead of 14. Agreed with their CFO.",
    "Prosi o faktury na nowy adres e-mail.",
    "Rechnung bitte immer mit Bestellnummer.",
    "Betaler altid i sidste øjeblik 🙂",
    "Vill ha PDF, inte papper.",
    "Line one\nLine two\n\n<b>not bold</b>",
)
