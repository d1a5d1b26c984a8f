"""Words of names and addresses: what joins, what says nothing, what stands for what, what is common."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _longest_first(found: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _pairs(text: str) -> dict[str, str]:
    """ "full: short short; ..." -> {short: full}."""
    found = {}
    for part in text.replace("\n", " ").split(";"):
        if ":" in part:
            full, _, shorts = part.partition(":")
            found.update(dict.fromkeys(shorts.split(), full.strip()))
    return found


# "i" is Danish for "in" and Polish for "and"; as the last word it is the number one, which is looked at first.
JOINING = _words("""
    og and und et y e i & + en och ja
    """)
ARTICLES = _words("""
    the de der die das le la les el los las il lo den det firma firmaet of for a an
    """)
# A part of the same company: the words and what follows them in a name are an addition, no name.
BRANCHES = _words("""
    niederlassung zweigniederlassung oddzial filial filialen branch succursale afdeling avdelning
    avdeling sucursal filiale sivuliike vestiging afd avd oddz office kontor
    """)

NAMES = _pairs(
    """
    international: intl internat int; association: assn assoc assc; center: centre ctr cntr centrum;
    services: svcs svc serv service; department: dept; manufacturing: mfg; brothers: bros; university: univ;
    institute: inst; organization: organisation org; labor: labour; community: comm; management: mgmt mgt;
    technology: tech technologies technol; engineering: eng engr; development: dev devel; government: govt;
    national: natl; saint: st sankt; group: grp gruppe gruppen groupe grupo gruppo grupa; holding: holdings;
    brother: brdr broedrene; sonner: sonne sons sohne soner zonen fils hijos figli synowie; academy: acad;
    school: sch; church: ch; first: 1st; second: 2nd; third: 3rd; metropolitan: metro; entreprise: entr;
    ejendomme: ejd ejend; ejendomsselskabet: ejendomsselskab; company: comp;
    komplementarselskabet: kompl komplementarselskab;
    industries: industry ind industri; products: prod product; distribution: distr; administration: admin;
    consulting: consult; transport: transportation transp trsp; handel: hdl; freight: frt; insurance: ins;
    investment: inv investments; system: systems; solution: solutions; property: properties; partner:
    partners; foundation: fdn found; united: utd; doctor: dr; mount: mt; logistics: logistik logist;
    construction: constr; electrical: elec electr; equipment: equip; marketing: mktg; production: prodn;
    refrigeration: refrig; technical: techn; trading: trdg; packaging: pkg; security: secur; printing:
    print; usa: us
    """
)

# What almost every register is full of: as likely as given (per thousand names), so that small sets know it too.
COMMON = {
    word: int(rate) / 1000
    for rate, words in (
        line.split(":")
        for line in (
            "20:group company holding international",
            "12:services industries systems solutions trading management consulting invest capital bank global",
            "8:technology engineering center foundation association national energy logistics construction "
            "development transport property finance insurance health school first church trust fund",
            "5:china america american motor electronics steel oil gas corporation aviation pharma marketing media "
            "design digital software data security food foods real estate partners electric power water shipping "
            "solar wind park retail facility medical marine shipping wholesale limited institute university "
            "general united north south east west new community public state city house home care day "
            "child nursery garden street saint children family education learning early academy ventures leasing "
            "handel byg tomrer entreprise ejendomme ejendomsselskabet bau handels service auto transportation",
        )
    )
    for word in words.split()
}

COUNTRIES = _pairs(
    """
    DK: dk denmark danmark danemark dania danemark dinamarca danimarca denemarken tanska; PL: pl poland
    polska polen pologne polonia puola; DE: de germany deutschland tyskland niemcy allemagne alemania
    germania duitsland saksa; GB: gb uk unitedkingdom greatbritain england scotland wales
    storbritannien; SE: se sweden sverige schweden szwecja suede suecia svezia zweden ruotsi; NO: no
    norway norge norwegen norwegia norvege noruega norvegia noorwegen norja; FI: fi finland suomi
    finnland finlandia finlande; US: us usa unitedstates unitedstatesofamerica; NL: nl netherlands
    thenetherlands nederland niederlande holland holandia nederlandene; FR: fr france frankrig
    frankreich francja frankrijk francia ranska; IT: it italy italia italien wlochy italie; ES: es spain
    espana spanien hiszpania espagne spagna spanje espanja; BE: be belgium belgie belgique belgien; AT:
    at austria osterreich ostrig austrija; CH: ch switzerland schweiz suisse svizzera; IE: ie ireland
    irland; PT: pt portugal; CZ: cz czechia ceskarepublika; SK: sk slovakia; HU: hu hungary; LT: lt
    lithuania litauen; LV: lv latvia letland; EE: ee estonia estland; IS: is iceland island; LU: lu
    luxembourg luxemburg; RO: ro romania; BG: bg bulgaria; GR: gr greece el; UA: ua ukraine; CA: ca
    canada; MX: mx mexico; JP: jp japan; CN: cn china; IN: in india; BR: br brazil brasil
    """
)
# Countries and the largest cities, as they stand in names of branches; the cities of the set itself are added.
PLACES = frozenset(word for word in COUNTRIES if len(word) > 3) | _words("""
    usa uk
    kobenhavn copenhagen aarhus arhus odense aalborg esbjerg randers kolding horsens vejle roskilde
    herning stockholm goteborg malmo uppsala oslo bergen trondheim stavanger helsinki espoo tampere
    turku warszawa warsaw krakow lodz wroclaw poznan gdansk szczecin lublin berlin hamburg munchen koln
    frankfurt stuttgart dusseldorf leipzig dortmund essen bremen dresden hannover nurnberg london
    manchester birmingham leeds glasgow liverpool bristol edinburgh cardiff dublin paris marseille lyon
    toulouse nice nantes bordeaux lille madrid barcelona valencia sevilla zaragoza malaga bilbao roma
    rome milano milan napoli torino bologna firenze genova amsterdam rotterdam utrecht eindhoven brussel
    bruxelles antwerpen gent wien zurich geneve basel lisboa porto praha brno budapest vilnius riga
    tallinn bucuresti sofia atlanta boston chicago dallas houston denver seattle miami philadelphia
    america africa asia europe europa chile brasil
    """)

FREE_MAIL = _words("""
    gmail.com googlemail.com hotmail.com hotmail.dk outlook.com outlook.dk live.com live.dk msn.com
    yahoo.com yahoo.dk icloud.com me.com mac.com aol.com gmx.de gmx.net web.de t-online.de freenet.de
    wp.pl o2.pl onet.pl interia.pl op.pl poczta.fm mail.dk jubii.dk ofir.dk tdcadsl.dk stofanet.dk
    online.no telia.com orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it tin.it ziggo.nl
    kpnmail.nl hetnet.nl proton.me protonmail.com yandex.ru mail.ru btinternet.com sky.com luukku.com
    suomi24.fi terra.es telefonica.net
    """)
# Hosts whose pages are somebody else's each; the part of the path that says whose comes last.
PAGES = _words("facebook.com linkedin.com instagram.com twitter.com x.com youtube.com google.com xing.com")
# Suffixes under which somebody else registers a name, those of site builders too; no download needed.
SUFFIXES = _words("""
    wordpress.com blogspot.com wixsite.com weebly.com webnode.com jimdofree.com github.io netlify.app
    myshopify.com squarespace.com business.site
    co.uk org.uk me.uk ltd.uk plc.uk ac.uk gov.uk com.pl net.pl org.pl edu.pl waw.pl biz.pl info.pl
    com.es org.es com.pt com.gr com.ro com.ua co.at or.at com.au net.au org.au co.nz co.jp co.za com.br
    com.mx com.tr com.cn com.sg com.hk co.in co.il priv.no co.no kommune.no com.mt com.cy co.hu
    """)

# Kinds of streets, as words and as the ends of words.
STREET_WORDS = _words("""
    street str st avenue ave av road rd lane ln drive dr boulevard blvd way square sq place pl parkway
    pkwy court ct highway hwy rue chemin quai allee ulica ul aleja al aleje plac os osiedle calle c
    carrer paseo plaza via viale corso piazza strasse gade vej alle gata gatan vagen vag vei veien
    straat weg laan plein katu tie des du de la le los las del der die den the saint terrace ter tr jr
    jrdrive circle cir plz trail
    """)
# What follows these in a street is within the house.
ROOMS = _words("floor fl room rm suite ste unit apt apartment side etage sal kl st.th lok pok lgh")
STREET_ENDS = _longest_first(
    _words("""
    strasse strase straat gatan gaten gata gade vagen veien vagen vej vei vag laan plein weg allee alle
    katu tie str
    """)
)
DIRECTIONS = _pairs(
    "n: north; s: south; e: east; w: west; ne: northeast; nw: northwest; se: southeast; sw: southwest"
)
