"""Legal forms: how they are written, which form that is, and where it is registered.

One line per form: code, countries (none: of several), spellings. A spelling is compared without case, diacritics,
dots, spaces and the word "and", so that one line says "S.p.A.", "SPA" and "s p a" at once.
"""

from __future__ import annotations

_TABLE = """
aps      | DK    | ApS; Anpartsselskab
ivs      | DK    | IVS; Iværksætterselskab
as       | DK NO | A/S; AS; Aktieselskab; Aksjeselskap; Aktieselskabet
is       | DK    | I/S; Interessentskab
ps       | DK    | P/S; Partnerselskab
ks       | DK NO | K/S; Kommanditselskab; Kommandittselskap
amba     | DK    | a.m.b.a.; andelsselskab med begrænset ansvar; AMBA
fmba     | DK    | f.m.b.a.; forening med begrænset ansvar; FMBA
smba     | DK    | s.m.b.a.; selskab med begrænset ansvar
asa      | NO    | ASA; Allmennaksjeselskap
ans      | NO    | ANS; Ansvarlig selskap
da       | NO    | Selskap med delt ansvar
enk      | NO    | ENK; Enkeltpersonforetak
ab       | SE    | AB; Aktiebolag; Aktiebolaget; AB publ; Aktiebolag publ
hb       | SE    | HB; Handelsbolag
kb       | SE    | KB; Kommanditbolag
oy       | FI    | Oy; Osakeyhtiö; Oy Ab
oyj      | FI    | Oyj; Julkinen osakeyhtiö
ky       | FI    | Ky; Kommandiittiyhtiö
avoin    | FI    | Avoin yhtiö
tmi      | FI    | Tmi; Toiminimi
ehf      | IS    | ehf; einkahlutafélag
hf       | IS    | hf; hlutafélag
gmbh     | DE AT CH | GmbH; Gesellschaft mit beschränkter Haftung; Gesellschaft mbH; Ges mbH; G.m.b.H.
ggmbh    | DE    | gGmbH; gemeinnützige GmbH
gmbhcokg | DE AT | GmbH & Co. KG; GmbH Co KG; Gesellschaft mit beschränkter Haftung & Co. KG; GmbH & Co. Kommanditgesellschaft; GmbH & Compagnie KG; Gesellschaft mit beschränkter Haftung & Co. Kommanditgesellschaft
agcokg   | DE    | AG & Co. KG; AG & Co. KGaA
ugcokg   | DE    | UG & Co. KG; UG haftungsbeschränkt & Co. KG
ug       | DE    | UG; UG haftungsbeschränkt; Unternehmergesellschaft; Unternehmergesellschaft haftungsbeschränkt
ag       | DE AT CH | AG; Aktiengesellschaft; AkG
kg       | DE AT | KG; Kommanditgesellschaft; Co. KG
kgaa     | DE    | KGaA; Kommanditgesellschaft auf Aktien
ohg      | DE AT | OHG; Offene Handelsgesellschaft
gbr      | DE    | GbR; Gesellschaft bürgerlichen Rechts
ek       | DE    | e.K.; e.Kfm.; e.Kfr.; eingetragener Kaufmann; eingetragene Kauffrau
ev       | DE    | e.V.; eingetragener Verein
eg       | DE    | e.G.; eingetragene Genossenschaft
zoo      | PL    | sp. z o.o.; spółka z o.o.; spółka z ograniczoną odpowiedzialnością; spolka z oo; sp. zoo
zoospk   | PL    | sp. z o.o. sp. k.; sp. z o.o. spółka komandytowa; spółka z ograniczoną odpowiedzialnością spółka komandytowa; spółka z ograniczoną odpowiedzialnością sp. k.
spk      | PL    | sp. k.; spółka komandytowa; sp. kom.
spj      | PL    | sp. j.; spółka jawna
spp      | PL    | sp. p.; spółka partnerska
spc      | PL    | spółka cywilna; S.C.
ska      | PL    | S.K.A.; spółka komandytowo-akcyjna
sa       | PL FR ES PT BE LU CH RO GR | S.A.; spółka akcyjna; société anonyme; sociedad anónima; sociedade anónima
psa      | PL    | P.S.A.; prosta spółka akcyjna
sarl     | FR LU CH | SARL; S.à r.l.; Société à responsabilité limitée
eurl     | FR    | EURL; Entreprise unipersonnelle à responsabilité limitée
sas      | FR IT CO | SAS; S.A.S.; Société par actions simplifiée; Società in accomandita semplice
sasu     | FR    | SASU; Société par actions simplifiée unipersonnelle
snc      | FR IT | SNC; S.n.c.; Société en nom collectif; Società in nome collettivo
sci      | FR    | SCI; Société civile immobilière
sl       | ES    | S.L.; Sociedad Limitada; Sociedad de Responsabilidad Limitada
slu      | ES    | S.L.U.; Sociedad Limitada Unipersonal
sau      | ES    | S.A.U.; Sociedad Anónima Unipersonal
scoop    | ES    | S. Coop.; Sociedad Cooperativa
cb       | ES    | C.B.; Comunidad de Bienes
spa      | IT    | S.p.A.; Società per azioni
srl      | IT RO | S.r.l.; Società a responsabilità limitata; Societatea cu Răspundere Limitată
srls     | IT    | S.r.l.s.; Società a responsabilità limitata semplificata
sapa     | IT    | S.a.p.a.; Società in accomandita per azioni
scarl    | IT    | S.c.a.r.l.; S.c.r.l.
lda      | PT    | Lda; Limitada; Sociedade por quotas
bv       | NL BE | B.V.; BV; Besloten Vennootschap; Besloten Vennootschap met beperkte aansprakelijkheid
nv       | NL BE | N.V.; Naamloze Vennootschap
vof      | NL BE | V.O.F.; Vennootschap onder firma
cv       | NL BE | C.V.; Commanditaire Vennootschap
bvba     | BE    | BVBA; B.V.B.A.; SPRL
eenmans  | NL    | Eenmanszaak
ltd      | GB IE | Ltd; Limited; Private Limited Company; Ltd Co; Co Ltd; Company Limited
plc      | GB IE | plc; p.l.c.; Public Limited Company
llp      | GB US | LLP; Limited Liability Partnership
lp       | GB US | L.P.; LP; Limited Partnership
cic      | GB    | C.I.C.; Community Interest Company
dac      | IE    | DAC; Designated Activity Company
inc      | US CA | Inc; Incorporated
corp     | US CA | Corp; Corporation
llc      | US    | LLC; L.L.C.; Limited Liability Company
co       |       | Co; Company; Compagnie
pllc     | US    | PLLC
pty      | AU    | Pty Ltd; Pty; Proprietary Limited
pte      | SG    | Pte Ltd; Pte; Private Limited; Pvt Ltd
sro      | CZ SK | s.r.o.; spol. s r.o.; společnost s ručením omezeným
asc      | CZ SK | a.s.; akciová společnost
kft      | HU    | Kft; Korlátolt felelősségű társaság
zrt      | HU    | Zrt
nyrt     | HU    | Nyrt
bt       | HU    | Betéti társaság
doo      | SI HR RS BA | d.o.o.
dd       | SI HR BA | d.d.
uab      | LT    | UAB; Uždaroji akcinė bendrovė
sia      | LV    | SIA; Sabiedrība ar ierobežotu atbildību
ou       | EE    | OÜ; Osaühing
ood      | BG    | OOD
eood     | BG    | EOOD
ad       | BG    | Aktsionerno druzhestvo
se       |       | Societas Europaea
ooo      | RU    | OOO; ООО; Общество с ограниченной ответственностью
jsc      | RU UA | JSC; OJSC; PJSC; CJSC; OAO; ZAO; PAO; Joint Stock Company; Open Joint Stock Company; Public Joint Stock Company; Closed Joint Stock Company; ОАО; ЗАО; ПАО; АО
cv-mx    | MX    | S.A. de C.V.; S. de R.L. de C.V.
epe      | GR    | E.P.E.
ae       | GR    | A.E.
"""


def rows() -> list[tuple[str, frozenset[str], list[str]]]:
    """(code, countries, spellings) of each form."""
    found = []
    for line in _TABLE.strip().splitlines():
        code, countries, spellings = (part.strip() for part in line.split("|"))
        found.append((code, frozenset(countries.split()), [text.strip() for text in spellings.split(";")]))
    return found
