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
    _land("DK", "Danmark", 28, "& Sønner", "dk", "+45", "DK99999999", 4, """
        ApS=Anpartsselskab, ApS=Anpartsselskab, ApS=Anpartsselskab, A/S=Aktieselskab, I/S=Interessentskab, P/S=Partnerselskab, A.M.B.A.=Andelsselskab med begrænset ansvar
        Tømrerfirma, Malerfirma, Murer, VVS, El, Autoværksted, Bageri, Rengøring, Anlæg, Gulve, Transport, Revision, Blomster, Køl, Smedje, Entreprise, Handel, Møbler, Regnskab, Tagdækning, Kloak, Haver, Vinduer, Fødevarer, Maskiner, Ventilation, Ejendomme, Trælast, Tryk, Rådgivning
        Jensen, Nielsen, Hansen, Pedersen, Andersen, Christensen, Larsen, Sørensen, Rasmussen, Jørgensen, Madsen, Kristensen, Olsen, Thomsen, Poulsen, Johansen, Knudsen, Møller, Mortensen, Lund, Holm, Schmidt, Friis, Kjær, Vestergaard, Bech, Dahl, Krogh, Bak, Juhl, Munk, Skov, Winther, Bruun, Riis, Toft, Lauridsen, Søgaard, Overgaard, Nygaard
        Aarhus, Odense, Aalborg, Esbjerg, Kolding, Vejle, Roskilde, Herning, Silkeborg, Næstved, Køge, Holbæk, Viborg, Sønderborg, Hjørring, Skive, Varde, Thisted, Ribe, Middelfart, Nyborg, Struer, Lemvig, Grindsted, Haderslev, Aabenraa, Korsør, Kalundborg, Frederikssund, Hobro
        Nygade, Algade, Vestergade, Søndergade, Bredgade, Parkvej, Skovvej, Kirkevej, Fabriksvej, Engvej"""),
    _land("PL", "Polska", 11, "i Synowie", "pl", "+48", "PL9999999999", 5, """
        Sp. z o.o.=Spółka z ograniczoną odpowiedzialnością, Sp. z o.o.=Spółka z ograniczoną odpowiedzialnością, Sp. z o.o.=Spółka z ograniczoną odpowiedzialnością, S.A.=Spółka akcyjna, Sp. k.=Spółka komandytowa, Sp. j.=Spółka jawna
        Budowa, Stolarstwo, Transport, Okna, Ogrody, Instalacje, Malarstwo, Dachy, Meble, Piekarnia, Handel, Druk, Ochrona, Serwis, Metal, Chłodnictwo, Spedycja, Energia, Opakowania, Narzędzia, Usługi, Doradztwo, Hurtownia, Maszyny, Produkcja
        Nowak, Kowalski, Wiśniewski, Wójcik, Kamiński, Lewandowski, Zieliński, Szymański, Woźniak, Dąbrowski, Kozłowski, Mazur, Krawczyk, Piotrowski, Grabowski, Pawłowski, Michalski, Król, Wieczorek, Jabłoński, Wróbel, Majewski, Olszewski, Stępień, Malinowski, Jaworski, Adamczyk, Dudek, Zając, Górski, Sikora, Baran, Rutkowski, Szewczyk, Pietrzak
        Łódź, Kraków, Poznań, Gdańsk, Lublin, Białystok, Katowice, Gdynia, Radom, Toruń, Kielce, Rzeszów, Olsztyn, Opole, Płock, Legnica, Słupsk, Konin, Piła, Suwałki, Przemyśl, Chełm, Zamość, Ełk, Nysa, Sopot
        ul. Leśna, ul. Słoneczna, ul. Ogrodowa, ul. Lipowa, ul. Kościelna, ul. Krótka, ul. Parkowa, ul. Polna, al. Niepodległości, ul. Kwiatowa"""),
    _land("DE", "Deutschland", 10, "& Söhne", "de", "+49", "DE999999999", 5, """
        GmbH=Gesellschaft mit beschränkter Haftung, GmbH=Gesellschaft mit beschränkter Haftung, GmbH=Gesellschaft mit beschränkter Haftung, GmbH & Co. KG=GmbH & Co. Kommanditgesellschaft, AG=Aktiengesellschaft, KG=Kommanditgesellschaft, OHG=Offene Handelsgesellschaft, e.K.=eingetragener Kaufmann
        Metallbau, Heizungsbau, Gartenbau, Tischlerei, Bäckerei, Malerbetrieb, Dachbau, Spedition, Gebäudetechnik, Fensterbau, Steuerberatung, Werkzeuge, Fleischerei, Autohaus, Maschinenbau, Elektrotechnik, Logistik, Druckerei, Möbel, Immobilien, Verpackung, Getränke, Holzbau, Stahlbau, Kältetechnik
        Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, Schäfer, Koch, Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, Krüger, Hartmann, Lange, Schmitt, Werner, Krause, Lehmann, Köhler, Maier, Huber, Kaiser, Fuchs, Peters, Scholz, Möller, Weiß, Jung, Hahn, Vogel
        Köln, Stuttgart, Dortmund, Essen, Leipzig, Bremen, Dresden, Hannover, Nürnberg, Duisburg, Bochum, Bonn, Münster, Mannheim, Kiel, Aachen, Halle, Erfurt, Kassel, Hagen, Potsdam, Ulm, Trier, Jena, Gera, Fulda, Bamberg, Passau
        Hauptstraße, Schulstraße, Gartenstraße, Bahnhofstraße, Dorfstraße, Bergstraße, Lindenstraße, Kirchstraße, Waldstraße, Ringstraße"""),
    _land("SE", "Sverige", 8, "& Söner", "se", "+46", "SE999999999901", 5, """
        AB=Aktiebolag, AB=Aktiebolag, AB=Aktiebolag, AB (publ)=Aktiebolag (publ), HB=Handelsbolag, KB=Kommanditbolag
        Snickeri, Måleri, Bygg, Åkeri, Rör, Tak, Golv, Städ, Bageri, Trädgård, Redovisning, Plåt, Verkstad, Elteknik, Handel, Konsult, Transport, Trävaror, Maskin, Möbler, Livsmedel, Förpackning, Ventilation, Fastigheter, Tryckeri
        Johansson, Andersson, Karlsson, Nilsson, Eriksson, Larsson, Olsson, Persson, Svensson, Gustafsson, Pettersson, Jonsson, Jansson, Hansson, Bengtsson, Lindberg, Lindström, Lindqvist, Berg, Åberg, Axelsson, Lundberg, Bergström, Lundgren, Mattsson, Berggren, Sandström, Nyström, Holmgren, Arvidsson, Löfgren, Söderberg, Nyberg, Blomqvist, Claesson
        Göteborg, Malmö, Uppsala, Västerås, Örebro, Linköping, Norrköping, Lund, Umeå, Gävle, Borås, Kalmar, Växjö, Karlskrona, Visby, Motala, Lidköping, Sandviken, Landskrona, Trelleborg, Ystad, Piteå, Kiruna, Mora, Arvika, Sala
        Storgatan, Kungsgatan, Drottninggatan, Skolgatan, Ängsvägen, Björkvägen, Industrivägen, Kyrkogatan, Trädgårdsgatan, Ringvägen"""),
    _land("NO", "Norge", 6, "& Sønner", "no", "+47", "999999999", 4, """
        AS=Aksjeselskap, AS=Aksjeselskap, AS=Aksjeselskap, ASA=Allmennaksjeselskap, ANS=Ansvarlig selskap
        Snekkerverksted, Maler, Rør, Bygg, Elektro, Transport, Tak, Bakeri, Hage, Regnskap, Bilverksted, Fisk, Eiendom, Møbler, Renhold, Maskin, Matvarer, Spedisjon, Handel, Rådgivning, Trykkeri, Gulv
        Hansen, Johansen, Olsen, Larsen, Andersen, Pedersen, Nilsen, Kristiansen, Jensen, Karlsen, Johnsen, Pettersen, Eriksen, Berg, Haugen, Hagen, Johannessen, Solberg, Strand, Moen, Lie, Eide, Bakken, Dahl, Amundsen, Iversen, Svendsen, Martinsen, Tangen, Myhre, Aas, Sunde
        Bergen, Trondheim, Stavanger, Drammen, Tromsø, Skien, Ålesund, Moss, Bodø, Hamar, Larvik, Halden, Levanger, Namsos, Florø, Voss, Elverum, Kragerø, Mandal, Alta, Notodden, Egersund, Leirvik
        Storgata, Kirkeveien, Skoleveien, Strandgata, Fjordveien, Parkveien, Industriveien, Solveien, Torggata, Bekkeveien"""),
    _land("GB", "United Kingdom", 9, "& Sons", "co.uk", "+44", "GB999999999", 5, """
        Ltd=Limited, Ltd=Limited, Ltd=Limited, PLC=Public Limited Company, LLP=Limited Liability Partnership
        Joinery, Plumbing, Roofing, Catering, Haulage, Bakery, Motors, Cleaning, Gardens, Builders, Flooring, Interiors, Accountants, Electrical, Timber, Plastics, Security, Freight, Surveyors, Furniture, Printing, Ventilation, Engineering, Construction
        Smith, Jones, Taylor, Brown, Williams, Wilson, Johnson, Davies, Robinson, Wright, Thompson, Evans, Walker, White, Roberts, Green, Hall, Wood, Jackson, Clarke, Patel, Lewis, Harris, Cooper, King, Baker, Harrison, Morgan, Allen, James, Scott, Phillips, Watson, Parker, Price
        Leeds, Sheffield, Bradford, Cardiff, Coventry, Leicester, Derby, Plymouth, Swansea, Reading, Preston, Norwich, Luton, Bolton, Ipswich, Stockport, Warrington, Blackpool, Dundee, Perth, Newport, Telford, Oldham, Bath, Durham, Carlisle, Lancaster, Wigan
        High Street, Station Road, Church Lane, Park Road, Victoria Road, Mill Lane, Queens Road, The Green, Manor Road, Kings Road"""),
    _land("US", "USA", 8, "& Sons", "com", "+1", "999999999", 5, """
        Inc.=Incorporated, Inc.=Incorporated, Inc.=Incorporated, LLC=Limited Liability Company, Corp.=Corporation, Co.=Company
        Roofing, Plumbing, Landscaping, Trucking, Bakery, Auto, Painting, Heating, Lumber, Electric, Supply, Realty, Welding, Printing, Construction, Security, Furniture, Freight, Flooring, Janitorial, Accounting, Machining, Plastics
        Smith, Johnson, Williams, Brown, Jones, Garcia, Miller, Davis, Martinez, Anderson, Taylor, Thomas, Moore, Jackson, Martin, Lee, Harris, Clark, Lewis, Young, Walker, Hall, Allen, Wright, Hill, Green, Adams, Baker, Nelson, Campbell, Mitchell, Roberts, Carter, Turner, Parker
        Austin, Columbus, Memphis, Portland, Tucson, Fresno, Mesa, Omaha, Tulsa, Tampa, Wichita, Toledo, Akron, Dayton, Mobile, Reno, Boise, Spokane, Tacoma, Aurora, Anaheim, Lubbock, Laredo, Durham, Plano, Norfolk, Fargo, Salem
        Main Street, Oak Avenue, Maple Drive, Second Street, Park Avenue, Cedar Lane, Lake Road, Hill Street, Church Street, Sunset Boulevard"""),
    _land("FR", "France", 3, "& Fils", "fr", "+33", "FR99999999999", 5, """
        SARL=Société à responsabilité limitée, SARL=Société à responsabilité limitée, SAS=Société par actions simplifiée, SA=Société anonyme
        Menuiserie, Plomberie, Maçonnerie, Boulangerie, Jardins, Peinture, Chauffage, Électricité, Garage, Transports, Imprimerie, Nettoyage, Conseil, Sécurité, Toiture, Négoce, Mécanique, Emballage
        Martin, Bernard, Dubois, Thomas, Robert, Richard, Petit, Durand, Leroy, Moreau, Simon, Laurent, Lefèvre, Michel, Bertrand, Roux, Vincent, Fournier, Morel, Girard, André, Mercier, Dupont, Lambert, Bonnet
        Lyon, Nantes, Lille, Rennes, Reims, Dijon, Angers, Nîmes, Brest, Tours, Metz, Limoges, Perpignan, Orléans, Caen, Nancy, Pau, Troyes, Lorient, Valence, Colmar, Arras, Albi
        rue de la Gare, rue des Lilas, avenue Victor Hugo, rue du Moulin, boulevard Pasteur, rue de l'Église, place du Marché, rue des Écoles, avenue Foch"""),
    _land("IT", "Italia", 3, "& Figli", "it", "+39", "IT99999999999", 5, """
        S.r.l.=Società a responsabilità limitata, S.r.l.=Società a responsabilità limitata, S.p.A.=Società per azioni, S.n.c.=Società in nome collettivo
        Falegnameria, Idraulica, Edilizia, Panificio, Giardini, Pittura, Impianti, Officina, Trasporti, Stampa, Pulizie, Arredamenti, Carpenteria, Logistica, Consulenza, Serramenti, Ceramiche
        Rossi, Russo, Ferrari, Esposito, Bianchi, Romano, Colombo, Ricci, Marino, Greco, Bruno, Gallo, Conti, Costa, Giordano, Mancini, Rizzo, Lombardi, Moretti, Barbieri, Fontana, Santoro, Mariani, Rinaldi
        Parma, Modena, Verona, Padova, Brescia, Trieste, Ravenna, Ferrara, Pisa, Lucca, Siena, Udine, Trento, Novara, Ancona, Pescara, Lecce, Cremona, Mantova, Varese, Como, Asti
        Via Roma, Via Garibaldi, Via Mazzini, Via Verdi, Corso Italia, Piazza Dante, Via Cavour, Viale Europa, Via Dante, Via Matteotti"""),
    _land("ES", "España", 3, "e Hijos", "es", "+34", "B99999999", 5, """
        S.L.=Sociedad Limitada, S.L.=Sociedad Limitada, S.A.=Sociedad Anónima, S.L.U.=Sociedad Limitada Unipersonal
        Carpintería, Fontanería, Pinturas, Jardines, Panadería, Muebles, Reformas, Limpiezas, Talleres, Transportes, Imprenta, Electricidad, Seguridad, Logística, Envases, Maquinaria, Asesores
        García, Rodríguez, González, Fernández, López, Martínez, Sánchez, Pérez, Gómez, Martín, Jiménez, Ruiz, Hernández, Díaz, Moreno, Muñoz, Álvarez, Romero, Alonso, Gutiérrez, Navarro, Torres, Vázquez, Ramos, Gil, Serrano
        Sevilla, Zaragoza, Málaga, Murcia, Bilbao, Vigo, Gijón, Granada, Elche, Oviedo, Toledo, Soria, Lugo, Ávila, Segovia, Cuenca, Teruel, Zamora, Jaén, Cáceres, Reus, Girona
        Calle Real, Calle Nueva, Calle del Sol, Avenida de la Paz, Plaza Mayor, Calle Cervantes, Calle Mayor, Paseo del Prado, Calle Goya"""),
    _land("NL", "Nederland", 4, "& Zonen", "nl", "+31", "NL999999999B01", 5, """
        B.V.=Besloten Vennootschap, B.V.=Besloten Vennootschap, B.V.=Besloten Vennootschap, N.V.=Naamloze Vennootschap, V.O.F.=Vennootschap onder firma
        Timmerwerken, Schilders, Installatie, Bakkerij, Tuinen, Dakwerken, Bouw, Vloeren, Transport, Drukkerij, Beveiliging, Advies, Machines, Meubelen, Handel, Vastgoed, Verpakking, Logistiek
        Jansen, Bakker, Visser, Smit, Meijer, Mulder, Bos, Vos, Peters, Hendriks, Dekker, Brouwer, Dijkstra, Smits, Kok, Jacobs, Vermeulen, Schouten, Willems, Hoekstra, Koster, Prins, Huisman, Peeters, Kuiper, Veenstra
        Utrecht, Breda, Arnhem, Tilburg, Almere, Zwolle, Leiden, Delft, Venlo, Gouda, Hoorn, Assen, Emmen, Ede, Oss, Weert, Heerlen, Lelystad, Roermond, Zeist, Alkmaar, Deventer
        Kerkstraat, Dorpsstraat, Molenweg, Schoolstraat, Julianalaan, Stationsweg, Industrieweg, Hoofdstraat, Nieuwstraat"""),
    _land("FI", "Suomi", 2, "& Pojat", "fi", "+358", "FI99999999", 5, """
        Oy=Osakeyhtiö, Oy=Osakeyhtiö, Oyj=Julkinen osakeyhtiö, Ky=Kommandiittiyhtiö
        Rakennus, Maalaus, Putki, Sähkö, Leipomo, Puutarha, Katto, Kuljetus, Siivous, Huonekalut, Konepaja, Kirjapaino, Metalli, Logistiikka, Lattiat, Vartiointi
        Korhonen, Virtanen, Mäkinen, Nieminen, Mäkelä, Hämäläinen, Laine, Heikkinen, Koskinen, Järvinen, Lehtonen, Lehtinen, Saarinen, Salminen, Heinonen, Niemi, Salonen, Turunen, Laitinen, Tuominen, Rantanen, Karjalainen
        Tampere, Turku, Oulu, Lahti, Kuopio, Pori, Vaasa, Kotka, Joensuu, Mikkeli, Hamina, Rauma, Kemi, Imatra, Salo, Lohja, Kerava, Raahe, Tornio, Iisalmi
        Koulukatu, Kauppakatu, Kirkkotie, Asematie, Rantakatu, Mäkitie, Puistotie, Teollisuuskatu, Myllykatu"""),
)  # fmt: skip
FIRST_NAMES = """Anders Bente Christian Dorthe Emil Freja Gustav Helle Ivan Jette Kasper Lise Mikkel Nanna Oskar Pia Rune
Signe Tobias Ulla Victor Willy Agnes Bo Camilla David Esben Flemming Gitte Hugo Inger Jakob Kirsten Lone""".split()  # noqa: SIM905
DIVISIONS = """Finance Trading Energy Logistics Retail Services Capital Marine Foods Digital Consulting Property Ventures
Solutions Packaging Health Mobility Systems Invest Leasing Bank Insurance Technologies Wind Solar Facility Estates Media
Pensions Biotech""".split()  # noqa: SIM905
# What stands before ("K/S Brand IV") or behind ("Brand Wind Park 4") the brand of firms that are numbered.
NUMBERED = (
    "{} Wind Park", "{} Solar Fund", "{} Property", "{} Shipping", "{} Infrastructure", "{} Real Estate",
    "Ejendomsselskabet {}", "Komplementarselskabet {}", "K/S {}",
)  # fmt: skip
SHORT = {
    "Transport": "Transp.", "Handel": "Hdl.", "Entreprise": "Entrepr.", "Logistics": "Log.", "Solutions": "Sol.",
    "Services": "Svcs", "Engineering": "Eng.", "Ejendomme": "Ejd.", "Systems": "Sys.", "Construction": "Constr.",
    "International": "Int.", "Maskiner": "Mask.", "Maschinenbau": "Masch.bau", "Property": "Prop.",
}  # fmt: skip
# The keys to the left and right of each.
BESIDE = {
    row[at]: row[at - 1 : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at in range(len(row))
}
ONSETS = "b bl br d dr f fl fr g gl gr h j k kl kr l m n p pl pr r s sk sl sn sp st sv t tr tv v z".split()  # noqa: SIM905
VOWELS = "a e i o u y ea ia io au ei".split()  # noqa: SIM905
CODAS = ["", "", "l", "m", "n", "r", "s", "x", "k", "st", "nd", "rk", "lt", "rn", "mp"]
MAIL_HEADS = "info kontakt post mail sales office admin faktura".split()  # noqa: SIM905
FREE = ("gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "wp.pl", "web.de")
BUREAUS = tuple(f"regnskab{number}.dk" for number in range(8))  # keep the books of others
BRANCHES = {
    "DK": "filial", "SE": "filial", "NO": "filial", "DE": "Niederlassung", "PL": "Oddział", "NL": "vestiging",
    "FR": "succursale de", "IT": "filiale di", "ES": "sucursal",
}  # fmt: skip
PAGES = ("www.facebook.com/{}", "linkedin.com/company/{}", "{}.wordpress.com", "sites.google.com/view/{}")
