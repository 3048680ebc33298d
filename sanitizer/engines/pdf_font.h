/* pdf_font.h - the invisible fonts of a text layer: glyphs without outlines, made here, no byte of them a stranger's.
 *
 * A code of such a font stands for a character in one width, so that the widths in the page are those of the original
 * and readers find the same words at the same places. Fonts fill up one after the other; each is a CIDFontType2 with
 * one empty glyph (ISO 32000-1, 9.7.4), its codes two bytes long. */
#pragma once

#include <glib.h>

#define MGK_PDF_FONT_NAME "MugaikaInvisible"
#define MGK_PDF_FONT_ASCENT 800 /* of 1000 */
#define MGK_PDF_FONT_DESCENT 200

typedef struct MgkPdfFonts MgkPdfFonts;
MgkPdfFonts *mgk_pdf_fonts_new(void);
void mgk_pdf_fonts_free(MgkPdfFonts *fonts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgkPdfFonts, mgk_pdf_fonts_free)

typedef struct MgkPdfCode {
    guint font;  /* from 0 */
    guint code;  /* 1 to 65535 */
    guint width; /* what a reader will advance by, 1/1000 em */
} MgkPdfCode;

/* The code for a character of about this width (1/1000 em). FALSE when all fonts are full. */
gboolean mgk_pdf_fonts_code(MgkPdfFonts *fonts, guint32 character, guint width, MgkPdfCode *ret_code);
guint mgk_pdf_fonts_count(const MgkPdfFonts *fonts);
guint mgk_pdf_fonts_codes(const MgkPdfFonts *fonts, guint font); /* its highest code */
/* Appends the /W array of a font. */
void mgk_pdf_fonts_widths(const MgkPdfFonts *fonts, guint font, GString *out);
/* Appends the /ToUnicode CMap of a font. */
void mgk_pdf_fonts_to_unicode(const MgkPdfFonts *fonts, guint font, GString *out);
/* The TrueType file all of them share: one glyph without a contour. Owned by the caller. */
GByteArray *mgk_pdf_fonts_program(void);
