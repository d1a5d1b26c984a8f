"""What the made-up companies are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Land:
    code: str
    name: str
    share: int
    forms: tuple[str, ...]  # "short=long"
    trades: tuple[str, ...]
    last_names: tuple[str, ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    sons: str
    suffix: str
    dial: str
    tax: str  # a digit for each 9
    post: int


def _land(
    code: str, name: str, share: int, sons: str, suffix: str, dial: str, tax: str, post: int, lists: str
) -> Land:
    forms, trades, last, towns, streets = (
        tuple(item.strip() for item in part.split(",")) for part in lists.strip().split("\n")
    )
    return Land(code, name, share, forms, trades, last, towns, streets, sons, suffix, dial, tax, post)


LANDS = (
    _land("DK", "Danmark", 30, "& Sønner", "dk", "+45", "DK99999999", 4, """
        ApS=Anpartsselskab, ApS=Anpartsselskab, A/S=Aktieselskab, I/S=Interessentskab, P/S=Partnerselskab
        Tømrerfirma, Malerfirma, Murer, VVS, El, Autoværksted, Bageri, Rengøring, Anlæg, Gulve, Transport, Revision, Blomster, Køl, Smedje, Entreprise, Handel, Møbler, Regnskab, Tagdækning, Kloak, Haver, Vinduer
        Jensen, Nielsen, Hansen, Pedersen, Andersen, Christensen, Larsen, Sørensen, Rasmussen, Jørgensen, Madsen, Kristensen, Olsen, Thomsen, Poulsen, Johansen, Knudsen, Møller, Mortensen, Lund, Holm, Schmidt, Friis, Kjær, Vestergaard, Bech, Dahl, Krogh, Bak, Juhl, Munk, Skov, Winther, Bruun, Riis, Toft, Lauridsen, Søgaard, Overgaard, Nygaard
        Aarhus, Odense, Aalborg, Esbjerg, Kolding, Vejle, Roskilde, Herning, Silkeborg, Næstved, Køge, Holbæk, Viborg, Sønderborg, Hjørring, Skive, Varde, Thisted, Ribe, Middelfart
        Nygade, Algade, Vestergade, Søndergade, Bredgade, Parkvej, Skovvej, Kirkevej, Fabriksvej, Engvej, Birkevej, Markvej, Havnevej, Torvet"""),
    _land("PL", "Polska", 11, "i Synowie", "pl", "+48", "PL9999999999", 5, """
        Sp. z o.o.=Spółka z ograniczoną odpowiedzialnością, Sp. z o.o.=Spółka z ograniczoną odpowiedzialnością, S.A.=Spółka akcyjna, Sp. k.=Spółka komandytowa, Sp. j.=Spółka jawna
        Budowa, Stolarstwo, Transport, Okna, Ogrody, Instalacje, Malarstwo, Dachy, Meble, Piekarnia, Handel, Druk, Ochrona, Serwis, Metal
        Nowak, Kowalski, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak, Dąbrowski, Kozłowski, Mazur, Krawczyk, Piotrowski, Grabowski, Pawłowski, Michalski, Król, Wieczorek, Jabłoński
        Łódź, Kraków, Poznań, Gdańsk, Lublin, Białystok, Katowice, Gdynia, Radom, Toruń, Kielce, Rzeszów, Olsztyn, Opole
        ul. Leśna, ul. Słoneczna, ul. Ogrodowa, ul. Lipowa, ul. Kościelna, ul. Krótka, ul. Parkowa, ul. Polna, al. Niepodległości"""),
    _land("DE", "Deutschland", 11, "& Söhne", "de", "+49", "DE999999999", 5, """
        GmbH=Gesellschaft mit beschränkter Haftung, GmbH=Gesellschaft mit beschränkter Haftung, GmbH & Co. KG=GmbH & Co. Kommanditgesellschaft, AG=Aktiengesellschaft, KG=Kommanditgesellschaft, OHG=Offene Handelsgesellschaft
        Metallbau, Heizungsbau, Gartenbau, Tischlerei, Bäckerei, Malerbetrieb, Dachbau, Spedition, Gebäudetechnik, Fensterbau, Steuerberatung, Werkzeuge, Fleischerei, Autohaus
        Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, Schäfer, Koch, Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, Krüger, Hartmann, Lange, Schmitt, Werner
        Köln, Stuttgart, Dortmund, Essen, Leipzig, Bremen, Dresden, Hannover, Nürnberg, Duisburg, Bochum, Bonn, Münster, Mannheim, Kiel
        Hauptstraße, Schulstraße, Gartenstraße, Bahnhofstraße, Dorfstraße, Bergstraße, Lindenstraße, Kirchstraße, Waldstraße, Ringstraße"""),
    _land("SE", "Sverige", 9, "& Söner", "se", "+46", "SE999999999901", 5, """
        AB=Aktiebolag, AB=Aktiebolag, AB (publ)=Aktiebolag (publ), HB=Handelsbolag, KB=Kommanditbolag
        Snickeri, Måleri, Bygg, Åkeri, Rör, Tak, Golv, Städ, Bageri, Trädgård, Redovisning, Plåt, Verkstad
        Johansson, Andersson, Karlsson, Nilsson, Eriksson, Larsson, Olsson, Persson, Svensson, Gustafsson, Pettersson, Jonsson, Jansson, Hansson, Bengtsson, Lindberg, Lindström, Lindqvist, Berg, Åberg
        Göteborg, Malmö, Uppsala, Västerås, Örebro, Linköping, Norrköping, Lund, Umeå, Gävle, Borås, Kalmar, Växjö
        Storgatan, Kungsgatan, Drottninggatan, Skolgatan, Ängsvägen, Björkvägen, Industrivägen, Kyrkogatan"""),
    _land("NO", "Norge", 8, "& Sønner", "no", "+47", "999999999", 4, """
        AS=Aksjeselskap, AS=Aksjeselskap, ASA=Allmennaksjeselskap, ANS=Ansvarlig selskap
        Snekkerverksted, Maler, Rør, Bygg, Elektro, Transport, Tak, Bakeri, Hage, Regnskap, Bilverksted, Fisk
        Hansen, Johansen, Olsen, Larsen, Andersen, Pedersen, Nilsen, Kristiansen, Jensen, Karlsen, Johnsen, Pettersen, Eriksen, Berg, Haugen, Hagen, Johannessen, Solberg
        Bergen, Trondheim, Stavanger, Drammen, Tromsø, Skien, Ålesund, Moss, Bodø, Hamar, Larvik, Halden
        Storgata, Kirkeveien, Skoleveien, Strandgata, Fjordveien, Parkveien, Industriveien, Solveien"""),
    _land("GB", "United Kingdom", 11, "& Sons", "co.uk", "+44", "GB999999999", 5, """
        Ltd=Limited, Ltd=Limited, PLC=Public Limited Company, LLP=Limited Liability Partnership
        Joinery, Plumbing, Roofing, Catering, Haulage, Bakery, Motors, Cleaning, Gardens, Builders, Flooring, Interiors, Accountants
        Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Davies, Robinson, Wright, Thompson, Evans, Walker, White, Roberts, Green, Hall, Wood, Jackson, Clarke
        Leeds, Sheffield, Bradford, Cardiff, Coventry, Leicester, Derby, Plymouth, Swansea, Reading, Preston, Norwich
        High Street, Station Road, Church Lane, Park Road, Victoria Road, Mill Lane, Queens Road, The Green"""),
    _land("US", "USA", 9, "& Sons", "com", "+1", "999999999", 5, """
        Inc.=Incorporated, Inc.=Incorporated, LLC=Limited Liability Company, Corp.=Corporation, Co.=Company
        Roofing, Plumbing, Landscaping, Trucking, Bakery, Auto, Painting, Heating, Lumber, Electric, Supply, Realty
        Smith, Johnson, Williams, Brown, Jones, Garcia, Miller, Davis, Martinez, Anderson, Taylor, Thomas, Moore, Jackson, Martin, Lee, Harris, Clark, Lewis, Young
        Austin, Columbus, Memphis, Portland, Tucson, Fresno, Mesa, Omaha, Tulsa, Tampa, Wichita, Toledo
        Main Street, Oak Avenue, Maple Drive, Second Street, Park Avenue, Cedar Lane, Lake Road, Hill Street"""),
    _land("FR", "France", 5, "& Fils", "fr", "+33", "FR99999999999", 5, """
        SARL=Société à responsabilité limitée, SAS=Société par actions simplifiée, SA=Société anonyme
        Menuiserie, Plomberie, Maçonnerie, Boulangerie, Jardins, Peinture, Chauffage, Électricité, Garage
        Martin, Bernard, Dubois, Thomas, Robert, Richard, Petit, Durand, Leroy, Moreau, Simon, Laurent, Lefèvre, Michel
        Lyon, Nantes, Lille, Rennes, Reims, Dijon, Angers, Nîmes, Brest, Tours
        rue de la Gare, rue des Lilas, avenue Victor Hugo, rue du Moulin, boulevard Pasteur, rue de l'Église"""),
    _land("ES", "España", 4, "e Hijos", "es", "+34", "B99999999", 5, """
        S.L.=Sociedad Limitada, S.L.=Sociedad Limitada, S.A.=Sociedad Anónima, S.L.U.=Sociedad Limitada Unipersonal
        Carpintería, Fontanería, Pinturas, Jardines, Panadería, Muebles, Reformas, Limpiezas, Talleres
        García, Rodríguez, González, Fernández, López, Martínez, Sánchez, Pérez, Gómez, Martín, Jiménez, Ruiz, Hernández
        Sevilla, Zaragoza, Málaga, Murcia, Bilbao, Vigo, Gijón, Granada, Elche
        Calle Real, Calle Nueva, Calle del Sol, Avenida de la Paz, Plaza Mayor, Calle Cervantes"""),
    _land("NL", "Nederland", 2, "& Zonen", "nl", "+31", "NL999999999B01", 5, """
        B.V.=Besloten Vennootschap, B.V.=Besloten Vennootschap, N.V.=Naamloze Vennootschap, V.O.F.=Vennootschap onder firma
        Timmerwerken, Schilders, Installatie, Bakkerij, Tuinen, Dakwerken, Bouw, Vloeren
        Jansen, Bakker, Visser, Smit, Meijer, Mulder, Bos, Vos, Peters, Hendriks, Dekker, Brouwer
        Utrecht, Breda, Arnhem, Tilburg, Almere, Zwolle, Leiden, Delft
        Kerkstraat, Dorpsstraat, Molenweg, Schoolstraat, Julianalaan, Stationsweg"""),
)  # fmt: skip
FIRST_NAMES = """Anders Bente Christian Dorthe Emil Freja Gustav Helle Ivan Jette Kasper Lise Mikkel Nanna Oskar Pia Rune
Signe Tobias Ulla Victor Willy Agnes Bo Camilla David Esben Flemming Gitte Hugo Inger Jakob Kirsten Lone""".split()  # noqa: SIM905
DIVISIONS = """Finance Trading Energy Logistics Retail Services Capital Marine Foods Digital Consulting Property Ventures
Solutions Packaging Health Mobility Systems Invest Leasing""".split()  # noqa: SIM905
NUMBERED = ("Wind Park", "Solar Fund", "Property", "Shipping", "Infrastructure", "Ejendomme")
SHORT = {
    "Transport": "Transp.",
    "Handel": "Hdl.",
    "Entreprise": "Entrepr.",
    "Logistics": "Log.",
    "Solutions": "Sol.",
}
ONSETS = "b bl br d dr f fl fr g gl gr h j k kl kr l m n p pl pr r s sk sl sn sp st sv t tr tv v z".split()  # noqa: SIM905
VOWELS = "a e i o u y ea ia io au ei".split()  # noqa: SIM905
CODAS = ["", "", "l", "m", "n", "r", "s", "x", "k", "st", "nd", "rk", "lt", "rn", "mp"]
MAIL_HEADS = "info kontakt post mail sales office admin faktura".split()  # noqa: SIM905
FREE = ("gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "wp.pl", "web.de")
BUREAUS = tuple(f"regnskab{number}.dk" for number in range(40))
