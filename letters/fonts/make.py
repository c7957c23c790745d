"""How the font files beside this one were made; needs fonttools and unpacked Debian packages, see README.md.

python make.py FOLDER      # FOLDER holds the packages' usr/share
"""

import bz2
import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
# Sources of Unihan that hold names of people (ID cards), of places, and lists of names.
NAMES = {"GIDC", "GDM", "GGFZ", "GFC", "GZFY", "GCYY", "GCY", "GJZ"}
URGENTLY_NEEDED = range(0x2B740, 0x2B820)
SYMBOLS = (
    *range(0x20, 0x7F), *range(0xA0, 0x530), *range(0x2000, 0x2C00), *range(0x3000, 0x3100),
    *range(0x3200, 0x3400), *range(0xFE30, 0xFE70), *range(0xFF00, 0xFFA0), *range(0xFFE0, 0xFFF0),
)  # fmt: skip
EXTENSION_A = range(0x3400, 0x4DC0)
SIGNS = (*range(0x2190, 0x2C00), *range(0x1F000, 0x1FB00))
HEADINGS = (*range(0x20, 0x7F), *range(0x3000, 0x3030), *range(0xFF01, 0xFF5F), *map(ord, "—–…‘’“”·×※○§"))


def main(share: Path) -> None:
    noto, unicode_data = share / "fonts/opentype/noto", share / "unicode"
    fang = share / "texlive/texmf-dist/fonts/opentype/public/fandol/FandolFang-Regular.otf"
    hana = share / "fonts/truetype/hanazono/HanaMinB.ttf"
    symbola = share / "fonts/truetype/ancient-scripts/Symbola_hint.ttf"
    in_fang, in_hana = _covered(fang), _covered(hana)
    in_song = _covered(noto / "NotoSerifCJK-Regular.ttc", 2)
    names = {
        *_unihan(unicode_data / "Unihan_OtherMappings.txt.bz2", "kTGH"),
        *_unihan(unicode_data / "Unihan_IRGSources.txt.bz2", "kIRG_GSource", NAMES),
        *URGENTLY_NEEDED,
        ord("𬎆"),
    }
    han = {c for c in in_song if 0x4E00 <= c <= 0x9FFF or c >= 0x20000} | names
    common = {ord(c) for c in _gb2312(0xB0, 0xD7)} | set(HEADINGS)
    shutil.copyfile(fang, HERE / "FandolFang-Regular.otf")
    _cut(noto / "NotoSerifCJK-Regular.ttc", 2, (han - in_fang) | set(SYMBOLS), "Choujian Song", "Song.otf")
    _cut(noto / "NotoSerifCJK-Bold.ttc", 2, common, "Choujian Title", "Title.otf")
    _cut(noto / "NotoSansCJK-Medium.ttc", 2, common, "Choujian Hei", "Hei.otf")
    _cut(hana, -1, (names - in_song - in_fang) & in_hana, "Choujian Rare", "Rare.ttf")
    ours = in_fang | _covered(HERE / "Song.otf") | _covered(HERE / "Rare.ttf")
    _cut(hana.with_name("HanaMinA.ttf"), -1, set(EXTENSION_A) - ours, "Choujian Rare A", "RareA.ttf")
    _cut(symbola, -1, (set(SIGNS) & _covered(symbola)) - ours, "Choujian Signs", "Signs.ttf")


def _covered(path: Path, number: int = -1) -> set[int]:
    return set(TTFont(path, fontNumber=number, lazy=True).getBestCmap())


def _unihan(path: Path, field: str, sources: set[str] | None = None) -> set[int]:
    rows = (line.split("\t") for line in bz2.decompress(path.read_bytes()).decode().splitlines())
    return {
        int(row[0][2:], 16)
        for row in rows
        if len(row) == 3 and row[1] == field and (sources is None or row[2].split("-")[0] in sources)
    }


def _gb2312(first: int, last: int) -> str:
    rows = (bytes([row, cell]) for row in range(first, last + 1) for cell in range(0xA1, 0xFF))
    return b"".join(rows).decode("gb2312", errors="ignore")


def _cut(source: Path, number: int, codes: set[int], family: str, name: str) -> None:
    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True, font_number=number)
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "FFTM"]
    font = subset.load_font(str(source), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    for record in list(font["name"].names):
        if record.nameID in (1, 3, 4, 16):
            font["name"].setName(family, record.nameID, record.platformID, record.platEncID, record.langID)
        elif record.nameID in (2, 17):
            font["name"].setName("Regular", record.nameID, record.platformID, record.platEncID, record.langID)
        elif record.nameID == 6:
            plain = family.replace(" ", "")
            font["name"].setName(plain, 6, record.platformID, record.platEncID, record.langID)
    font["OS/2"].usWeightClass = 400
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(HERE / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
