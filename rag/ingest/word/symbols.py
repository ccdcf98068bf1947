"""Characters of Word's symbol fonts → the characters that look like them."""

from collections.abc import Mapping

__all__ = ["symbol"]

# Fonts of symbols have their characters here, each at the place of a byte.
PRIVATE = range(0xF000, 0xF100)


def _placed(first: int, signs: str) -> dict[int, str]:
    return {first + at: sign for at, sign in enumerate(signs)}


# The encoding of the font Symbol as Adobe published it.
_symbol = {
    **_placed(0x20, " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_"),
    **_placed(0x60, "‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"),
    **_placed(0xA0, "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊"),
    **_placed(0xE1, "〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"),
    **_placed(0xF1, "〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"),
}
# Of the others what is set among words: numbers in circles, boxes to tick, bullets, arrows.
_wingdings = {
    **_placed(0x6C, "●❍■□□❑❒⬧⧫◆❖⬥"),
    **_placed(0x80, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
    **_placed(0x9E, "·•"),
    **_placed(0xA7, "▪□"),
    **_placed(0xAB, "★"),
    **_placed(0xD8, "➢"),
    **_placed(0xDF, "←→↑↓"),
    **_placed(0xFB, "✗✓☒☑"),
}
_wingdings2 = {
    **_placed(0x4F, "✗✓☒☑☒☒"),
    **_placed(0x69, "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿"),
    **_placed(0xA3, "□"),
}
_FONTS: Mapping[str, Mapping[int, str]] = {
    "symbol": _symbol,
    "wingdings": _wingdings,
    "wingdings 2": _wingdings2,
}


def symbol(font: str, code: str) -> str:
    """Return the character with this hexadecimal code in a font, "" where it is a picture or no code."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    known = _FONTS.get(font.strip().lower())
    if number in PRIVATE:
        byte = number - PRIVATE.start
        # Fonts of letters have theirs at the usual places too.
        usual = chr(byte) if 0x20 <= byte < 0x7F and "dings" not in font.lower() else ""
        return usual if known is None else known.get(byte, "")
    if known is not None and number < 0x100:
        return known.get(number, "")
    said = chr(number) if number < 0x110000 else ""
    return said if said.isprintable() else ""
