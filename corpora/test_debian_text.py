#!/usr/bin/env python3
"""Tests of what `debian_text` takes out of files; no package is downloaded."""

import gzip
import importlib.machinery
import importlib.util
import struct
import unittest
from pathlib import Path

LOADER = importlib.machinery.SourceFileLoader("debian_text", str(Path(__file__).resolve().parent / "debian_text"))
made = importlib.util.module_from_spec(importlib.util.spec_from_loader("debian_text", LOADER))
LOADER.exec_module(made)

ENGLISH = "The harbour was closed for the winter, and nobody who lived in the town had expected it to be open again."
GERMAN = "Der Hafen war für den Winter geschlossen, und niemand aus der Stadt hatte erwartet, dass er wieder öffnet."
DUTCH = "De haven was voor de winter gesloten, en niemand uit de stad had verwacht dat hij ooit nog open zou gaan."


def taken(paragraphs):
    """What stays as prose."""
    return list(made.prose(paragraphs, set()))


class ProseTest(unittest.TestCase):
    """What counts as prose, in which language, and only once."""

    def test_languages_are_told_apart(self):
        self.assertEqual(taken([ENGLISH, GERMAN, DUTCH]), [("en", ENGLISH), ("de", GERMAN), ("nl", DUTCH)])

    def test_other_languages_code_and_short_lines_are_dropped(self):
        french = "Le port était fermé pour l'hiver, et personne dans la ville ne pensait qu'il serait ouvert avant le printemps."
        code = "for (i = 0; i < 10; i++) { printf(\"%d of the %d\", a[i], b[i]); } /* and so on to the end of it all */"
        names = "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois"
        self.assertEqual(taken([french, code, names, "The end of it.", ""]), [])

    def test_a_paragraph_comes_once_whatever_its_dress(self):
        again = ENGLISH.upper().replace(",", " --").replace(" the ", "  the\n")
        self.assertEqual(len(taken([ENGLISH, again, ENGLISH + " 2."])), 1)


class FormatTest(unittest.TestCase):
    """One test for each kind of file."""

    def test_markup(self):
        page = (
            f"<html><head><title>T</title></head><body><nav>{DUTCH}</nav><p>{ENGLISH[:30]}<em>{ENGLISH[30:40]}</em>\n"
            f"{ENGLISH[40:]}</p><pre>{GERMAN}</pre><!-- {GERMAN} --><li>{GERMAN.replace('ü', '&uuml;')}</li>&app;</body></html>"
        )
        found = [" ".join(text.split()) for text in made.markup_paragraphs(page)]
        self.assertEqual([text for _, text in taken(found)], [" ".join((ENGLISH[:40] + " " + ENGLISH[40:]).split()), GERMAN])

    def test_manual_pages(self):
        page = f'.TH X 1\n.SH NAME\n{ENGLISH[:40]}\n.B bold\n{ENGLISH[40:]}\n.PP\n.nf\n{DUTCH}\n.fi\n\\fBD\\fRe{DUTCH[2:]}\\c\n.\\" no\n'
        found = [" ".join(text.split()) for text in made.manual_page_paragraphs(page)]
        self.assertIn(f"{ENGLISH[:40].strip()} bold {ENGLISH[40:].strip()}", found)
        self.assertEqual(sum(DUTCH[5:40] in text for text in found), 1)

    def test_catalogues(self):
        messages = [(b"", b"head"), (ENGLISH.encode(), GERMAN.encode())]
        strings, tables = b"", [b"", b""]
        for pair in messages:
            for side, text in enumerate(pair):
                tables[side] += struct.pack("<II", len(text), 28 + 32 + len(strings))
                strings += text + b"\0"
        data = struct.pack("<7I", 0x950412DE, 0, 2, 28, 44, 0, 0) + tables[0] + tables[1] + strings
        self.assertEqual(taken(made.catalogue_paragraphs(data)), [("en", ENGLISH), ("de", GERMAN)])

    def test_pod_lyx_fortunes_and_dictionaries(self):
        pod = f"=head1 X\n\n  {GERMAN}\n\nB<{ENGLISH[:3]}>{ENGLISH[3:]}\n"
        self.assertEqual([text.strip() for text in made.pod_paragraphs(pod)], [ENGLISH])
        lyx = f"\\begin_layout Standard\n{ENGLISH[:20]}\n{ENGLISH[20:]}\n\\end_layout\n"
        self.assertIn(ENGLISH, list(made.lyx_paragraphs(lyx)))
        self.assertEqual(made.fortune_paragraphs(f"{ENGLISH}\n%\n{GERMAN}"), [ENGLISH, GERMAN])
        self.assertEqual(len(made.dictionary_paragraphs("harbour\n  a place\n  for ships\nhard\n  not soft")), 2)

    def test_compressed_files_and_broken_ones(self):
        self.assertEqual(made.decompress("a/b.html.gz", gzip.compress(b"x")), ("a/b.html", b"x"))
        self.assertEqual(made.decompress("a/b.html.gz", b"no gzip"), ("a/b.html.gz", None))

    def test_files_of_other_languages_are_told_by_their_path(self):
        for path in ("usr/share/man/fr/man1/ls.1.gz", "usr/share/doc/x/html/pt-BR/i.html", "usr/share/doc/x/index.ja.html"):
            self.assertTrue(made.OTHER_LANGUAGE_PATH.search(path), path)
        for path in ("usr/share/man/nl/man1/ls.1.gz", "usr/share/doc/x/html/de-DE/i.html", "usr/share/doc/x/list.html"):
            self.assertFalse(made.OTHER_LANGUAGE_PATH.search(path), path)


if __name__ == "__main__":
    unittest.main()
