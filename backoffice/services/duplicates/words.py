"""What each signal of a comparison says, in words that a clerk would use."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.matching import Explanation
from backoffice.resources import Resource

SENTENCES: dict[str, str | Promise] = {
    "name_words": _("words of the name agree"),
    "name_words_more": _("many words of the name agree"),
    "name_rare_word": _("a rare word of the name agrees"),
    "name_same": _("same name, apart from legal form and spelling"),
    "name_same_but_typos": _("same name but for a typing error"),
    "name_initials": _("one name is the initials of the other"),
    "name_common": _("many others have such a name"),
    "name_namesakes": _("others may have the same name by chance"),
    "name_letter_replaced": _("one letter of a word is replaced by another"),
    "name_typos": _("typing errors or abbreviations in the name"),
    "name_rare_typo": _("the rarest word of the name is spelled differently"),
    "name_longer": _("one name has further words"),
    "name_extra": _("one name has several words more"),
    "name_differs": _("each name has words of its own"),
    "name_other": _("each name has a rare word of its own"),
    "informal_same": _("same name of a place, apart from spelling"),
    "informal_rare_word": _("a rare word in the name of the place agrees"),
    "informal_longer": _("one name of the place has further words"),
    "informal_extra": _("one name of the place has several words more"),
    "informal_differs": _("each name of a place has words of its own"),
    "informal_other": _("each name of a place has a rare word of its own"),
    "name_nothing": _("no word of the names agrees"),
    "name_unlike": _("the names are written quite differently"),
    "numbers_same": _("same numbers in the names"),
    "numbers_one_side": _("only one name has a number"),
    "numbers_differ": _("different numbers in the names"),
    "informal_numbers_one_side": _("only one name of the place has a number"),
    "informal_numbers_differ": _("different numbers in the names of the places"),
    "place_one_side": _("only one name has a town or country"),
    "places_differ": _("different towns or countries in the names"),
    "form_none": _("neither name has a legal form"),
    "form_same": _("same legal form"),
    "form_one_side": _("only one name has a legal form"),
    "form_differs": _("different legal forms"),
    "form_country_differs": _("legal forms of different countries"),
    "site_same": _("same website after normalising"),
    "site_shared": _("same website, which many others have too"),
    "site_other_suffix": _("same website but for its ending"),
    "namesakes_site_differs": _("a namesake may have the other website"),
    "site_near": _("websites that differ by little"),
    "site_differs": _("different websites"),
    "tax_id_same": _("same tax number after normalising"),
    "tax_id_typo": _("tax numbers that differ by one character"),
    "tax_id_differs": _("different tax numbers"),
    "street_same": _("same street and house number"),
    "street_shared": _("same street and house number, where many others are too"),
    "informal_street_same": _("both are places at the same street and house number"),
    "informal_street_differs": _("places at different addresses"),
    "street_near": _("same street, nearby house number"),
    "street_differs": _("different street or house number"),
    "post_code_same": _("same post code"),
    "post_code_differs": _("different post codes"),
    "informal_post_code_same": _("places with the same post code"),
    "informal_post_code_differs": _("places with different post codes"),
    "city_same": _("same city"),
    "city_differs": _("different cities"),
    "phone_same": _("same phone number after normalising"),
    "phone_shared": _("same phone number, which many others have too"),
    "informal_phone_same": _("places with the same phone number"),
    "informal_phone_differs": _("places with different phone numbers"),
    "phone_near": _("phone numbers that differ by one digit"),
    "phone_differs": _("different phone numbers"),
    "email_same": _("same e-mail address"),
    "email_shared": _("same e-mail address or mail domain, which many others have too"),
    "email_site_same": _("e-mail address and website of the same company"),
    "email_site_differs": _("e-mail addresses of different companies"),
    "country_same": _("same country"),
    "country_differs": _("different countries"),
    "address_cap": _("address and phone together count for no more than this"),
}
# Fields of a comparison that are no field of a record by themselves are looked for in another one.
_WITHIN = {"number": "name", "place": "name", "form": "name", "site": "url"}
_LABELS: dict[str, str | Promise] = {
    "number": _("Numbers in the name"),
    "place": _("Town or country in the name"),
    "form": _("Legal form"),
    "address": _("Address and phone together"),
    "email": _("E-mail"),
}


def sentence(code: str) -> str:
    """What a code of `matching` says; the beginning is small, so that it can stand in a list."""
    return str(SENTENCES[code])


def field_label(resource: Resource, field: str) -> str:
    """What a field of a comparison is called on the pages of this entity."""
    if field in _LABELS:
        return str(_LABELS[field])
    wanted = _WITHIN.get(field, field)
    found = next((item.label for item in resource.fields if item.matchable == wanted), wanted)
    return capfirst(str(found))


def in_words(found: Explanation) -> tuple[list[str], list[str]]:
    """(what speaks for it, what speaks against it), each the strongest first and said once."""
    lines = sorted(found.contributions, key=lambda each: (-abs(each.weight), each.code))
    speaking = [sentence(each.code) for each in lines if each.weight > 0]
    against = [sentence(each.code) for each in lines if each.weight < 0]
    against += [sentence(code) for code in found.contradictions]
    return list(dict.fromkeys(speaking)), list(dict.fromkeys(against))
