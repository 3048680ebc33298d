/* ppt_forge.h - builds binary presentations in memory, honest or with something planted. For tests only. */
#pragma once

#include <string.h>

#include "engines/cfb_write.h"

typedef enum {
    IN_DOCUMENT,
    IN_LIST,  /* DocInfoList */
    IN_LINKS, /* ExObjList */
    IN_SLIDE,
    IN_GROUP, /* the drawing group */
    IN_SHAPE,
    IN_CLIENT,  /* of that shape */
    IN_TEXT,    /* of that shape */
    IN_EFFECTS, /* the slide's tag ___PPT10 */
    IN_FONTS,
    OBJECT, /* one more object, which nothing names */
    STREAM, /* its name is the label */
} Where;

typedef struct Plant {
    const char *label;
    Where where;
    guint type, version, instance;
    const char *data;
    gsize size;
    gint kind; /* that must be found, or -1 */
} Plant;

#define BYTES(text) text, sizeof(text) - 1
#define HEAD(type_low, type_high, size) "\x0f\0" type_low type_high size "\0\0\0"
#define WIDE "C\0A\0N\0A\0R\0Y\0"

static inline void put16(GByteArray *out, guint value)
{
    const guint8 bytes[2] = {(guint8)value, (guint8)(value >> 8)};
    g_byte_array_append(out, bytes, 2);
}

static inline void put32(GByteArray *out, guint32 value)
{
    put16(out, value);
    put16(out, value >> 16);
}

static inline void set32(GByteArray *out, guint at, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        out->data[at + i] = (guint8)(value >> (8 * i));
}

static inline guint begin(GByteArray *out, guint type, guint version, guint instance)
{
    put16(out, version | instance << 4);
    put16(out, type);
    put32(out, 0);
    return out->len;
}

static inline void end(GByteArray *out, guint start)
{
    set32(out, start - 4, out->len - start);
}

static inline void put(GByteArray *out, guint type, guint version, guint instance, const void *data, gsize size)
{
    guint start = begin(out, type, version, instance);
    g_byte_array_append(out, data, (guint)size);
    end(out, start);
}

static inline void plant_here(GByteArray *out, const Plant *plant, Where where)
{
    if (plant && plant->where == where)
        put(out, plant->type, plant->version, plant->instance, plant->data, plant->size);
}

/* What a presentation is made of. */
typedef struct Forge {
    const Plant *plant; /* or NULL */
    GByteArray *blip;   /* or NULL: the record of a picture, which a shape shows */
    gboolean linked;    /* the text has a link with number 1 */
    guint edits;        /* earlier ones */
    guint slides;       /* in the list, all the same object; 0: one */
    guint hidden;       /* flags of SlideShowSlideInfo */
} Forge;

static const guint8 zeros[128];

static inline void put_options(GByteArray *out, const Forge *forge)
{
    static const guint8 plain[] = {0x81, 1, 0xff, 0, 0, 0}, shown[] = {0x04, 0x41, 1, 0, 0, 0};
    put(out, 0xf00b, 3, 1, forge->blip ? shown : plain, 6);
}

static inline void put_shape(GByteArray *out, const Forge *forge)
{
    static const guint8 id[] = {1, 4, 0, 0, 0, 0x0a, 0, 0}, kind[4] = {4},
                        style[] = {8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0};
    static const guint8 action[16] = {0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 8}, range[8] = {0, 0, 0, 0, 3};
    guint shape = begin(out, 0xf004, 15, 0);
    put(out, 0xf00a, 2, 1, id, sizeof id);
    put_options(out, forge);
    plant_here(out, forge->plant, IN_SHAPE);
    put(out, 0xf010, 0, 0, zeros, 8);
    guint client = begin(out, 0xf011, 15, 0);
    plant_here(out, forge->plant, IN_CLIENT);
    end(out, client);
    guint text = begin(out, 0xf00d, 15, 0);
    put(out, 3999, 0, 0, kind, 4);
    put(out, 4008, 0, 0, "VISIBLE", 7);
    put(out, 4001, 0, 0, style, sizeof style);
    plant_here(out, forge->plant, IN_TEXT);
    if (forge->linked) {
        guint info = begin(out, 4082, 15, 0);
        put(out, 4083, 0, 0, action, sizeof action);
        end(out, info);
        put(out, 4063, 0, 0, range, sizeof range);
    }
    end(out, text);
    end(out, shape);
}

static inline void put_slide(GByteArray *out, const Forge *forge)
{
    guint8 show[16] = {0};
    show[10] = (guint8)forge->hidden;
    guint slide = begin(out, 1006, 15, 0);
    put(out, 1007, 2, 0, zeros, 24);
    put(out, 1017, 0, 0, show, sizeof show);
    guint drawing = begin(out, 1036, 15, 0), inner = begin(out, 0xf002, 15, 0);
    put(out, 0xf008, 0, 1, zeros, 8);
    guint group = begin(out, 0xf003, 15, 0);
    put_shape(out, forge);
    end(out, group);
    end(out, inner);
    end(out, drawing);
    put(out, 2032, 0, 1, zeros, 32);
    plant_here(out, forge->plant, IN_SLIDE);
    if (forge->plant && forge->plant->where == IN_EFFECTS) {
        guint tags = begin(out, 5000, 15, 0), tag = begin(out, 5002, 15, 0);
        put(out, 4026, 0, 0, "_\0_\0_\0P\0P\0T\0001\0000\0", 16);
        guint blob = begin(out, 5003, 0, 0);
        plant_here(out, forge->plant, IN_EFFECTS);
        end(out, blob);
        end(out, tag);
        end(out, tags);
    }
    end(out, slide);
}

static inline void put_store(GByteArray *out, const Forge *forge)
{
    guint8 entry[36] = {6, 6};
    guint store = begin(out, 0xf001, 15, 1);
    entry[18] = 0xff;
    entry[20] = (guint8)forge->blip->len;
    entry[21] = (guint8)(forge->blip->len >> 8);
    entry[24] = 1;
    put(out, 0xf007, 2, 6, entry, sizeof entry);
    end(out, store);
}

static inline void put_document(GByteArray *out, const Forge *forge)
{
    static const guint8 font[68] = {'A', 0};
    guint8 persist[20] = {2, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    guint document = begin(out, 1000, 15, 0);
    put(out, 1001, 1, 0, zeros, 40);
    guint links = begin(out, 1033, 15, 0);
    put(out, 1034, 0, 0, "\5\0\0\0", 4);
    plant_here(out, forge->plant, IN_LINKS);
    end(out, links);
    guint settings = begin(out, 1010, 15, 0), fonts = begin(out, 2005, 15, 0);
    put(out, 4023, 0, 0, font, sizeof font);
    plant_here(out, forge->plant, IN_FONTS);
    end(out, fonts);
    end(out, settings);
    guint drawings = begin(out, 1035, 15, 0), group = begin(out, 0xf000, 15, 0);
    put(out, 0xf006, 0, 0, zeros, 16);
    if (forge->blip)
        put_store(out, forge);
    plant_here(out, forge->plant, IN_GROUP);
    end(out, group);
    end(out, drawings);
    guint slides = begin(out, 4080, 15, 0);
    for (guint i = 0; i < MAX(forge->slides, 1); i++)
        put(out, 1011, 0, 0, persist, sizeof persist);
    end(out, slides);
    guint list = begin(out, 2000, 15, 0);
    plant_here(out, forge->plant, IN_LIST);
    end(out, list);
    plant_here(out, forge->plant, IN_DOCUMENT);
    put(out, 1002, 0, 0, NULL, 0);
    end(out, document);
}
