/* format.h - the formats this build knows: one row of formats.def and one file formats/<id>.c each.
 *
 * MGK_FORMAT(id, "extensions", "media type", SANDBOX, FLAGS, "label")
 *
 * id          C identifier, file name and stable string in reports
 * extensions  space separated, lower case; the output's extension is one of them, the first unless the handler says so
 * SANDBOX     STRICT
 * FLAGS       HAS_WALK   an inspection of its own in a worker of its own (handler->walk)
 *             PIXELS     a decoder sends pixels to an encoder in another worker (handler->encode of the output format);
 *                        its jobs run in the worker with fonts, poppler and the picture libraries, those of all other
 *                        formats in one without (isolation/light.c)
 *             CONTAINER  holds other files, which are cleaned as children
 *             MEMBERS    what it holds are whole files with names: archives and mails, not documents
 *             TEXT       its text can be taken from the cleaned file (handler->text; profile text)
 *             CONFIRM    a strict reader can account for every byte (handler->confirm; profile confirm)
 *             OFFICE     LibreOffice makes pages of the cleaned file (profile image)
 *             INPUT      only read: what comes of it has another format
 *             NEVER      recognised only to be blocked
 *             HELD       recognised only to be held
 *
 * The order breaks ties between equally sure probes. */
#pragma once

#include <glib.h>

typedef enum { MGK_SANDBOX_STRICT, MGK_SANDBOX_FONTS, MGK_N_SANDBOXES } MgkSandbox;

enum {
    MGK_FORMAT_PLAIN = 0,
    MGK_FORMAT_HAS_WALK = 1 << 0,
    MGK_FORMAT_PIXELS = 1 << 1,
    MGK_FORMAT_CONTAINER = 1 << 2,
    MGK_FORMAT_NEVER = 1 << 3,
    MGK_FORMAT_HELD = 1 << 4,
    MGK_FORMAT_TEXT = 1 << 5,
    MGK_FORMAT_CONFIRM = 1 << 6,
    MGK_FORMAT_MEMBERS = 1 << 7,
    MGK_FORMAT_OFFICE = 1 << 8,
    MGK_FORMAT_INPUT = 1 << 9,
};

typedef enum {
#define MGK_FORMAT(id, ext, mime, sandbox, flags, label) MGK_FORMAT_ID_##id,
#include "formats/formats.def"
#undef MGK_FORMAT
    MGK_N_FORMATS,
    MGK_FORMAT_ID_NONE = 0xffff
} MgkFormatId;

typedef struct MgkFormatInfo {
    const char *id, *extensions, *media_type;
    MgkSandbox sandbox;
    guint flags;
    const char *label; /* untranslated msgid: "Word document" */
} MgkFormatInfo;

const MgkFormatInfo *mgk_format_info(MgkFormatId id); /* NULL for MGK_FORMAT_ID_NONE */
gboolean mgk_format_from_name(const char *id, MgkFormatId *ret_id);
/* The index-th extension of a format, newly allocated, or NULL when there is none. */
char *mgk_format_extension(MgkFormatId id, guint index);
/* TRUE when extension (any case, no dot) is one of the format's. */
gboolean mgk_format_has_extension(MgkFormatId id, const char *extension);
