import pytest

from model_export.source.languages import CODES, languages_note, parse_languages


def test_codes_are_read_once_and_in_their_order():
    assert parse_languages(" de,EN, zh,de") == ("de", "en", "zh")


@pytest.mark.parametrize("text", ["en,zh,", ",", "", "en,,zh", " "])
def test_an_empty_part_is_refused(text):
    with pytest.raises(ValueError, match="empty part; write codes as en,de,zh"):
        parse_languages(text)


@pytest.mark.parametrize("code", ["zh-CN", "zh_Hant", "ZH-tw"])
def test_a_code_with_a_region_says_which_code_to_use(code):
    with pytest.raises(ValueError, match=f"'{code}' names a region; use zh$"):
        parse_languages(f"en,{code}")


@pytest.mark.parametrize("code", ["chinese", "xx", "eng", "qq-CN"])
def test_an_unknown_code_is_named(code):
    with pytest.raises(ValueError, match=f"'{code}' is no code of ISO 639-1"):
        parse_languages(code)


def test_languages_that_nobody_stated_are_said_to_be_assumed():
    assert languages_note(None).startswith("languages: en, which is assumed")
    assert "--languages" in languages_note(None)


def test_the_codes_are_those_of_the_standard():
    assert len(CODES) == 183
    assert all(len(code) == 2 and code.isascii() and code.islower() for code in CODES)
