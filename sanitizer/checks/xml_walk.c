/* xml_walk.c - Extensible Markup Language 1.0 (fifth edition), the part of it that documents need. */
#include "checks/xml_walk.h"

#include "checks/xml_names.h"

#include <string.h>

enum {
    TOKEN_BYTES = 8 << 20, /* a longer tag or CDATA section is no document's */
    REFERENCE_BYTES = 12,  /* "&#x0010ffff;" */
    PADDING = 8            /* zeros behind the last byte: no scan needs to look for the end */
};

/* What a byte may be part of without a closer look. */
enum { IN_TEXT = 1, IN_VALUE = 2, IN_NAME = 4, IS_SPACE = 8 };

#define ANY (IN_TEXT | IN_VALUE)
static const guint8 classes[256] = {
    ['\t'] = IN_TEXT | IS_SPACE,
    ['\n'] = IN_TEXT | IS_SPACE,
    ['\r'] = IN_TEXT | IS_SPACE,
    [' '] = ANY | IS_SPACE,
    ['!'] = ANY,
    ['"'] = IN_TEXT,
    ['#' ... '%'] = ANY,
    ['\''] = IN_TEXT,
    ['(' ... ','] = ANY,
    ['-' ... '.'] = ANY | IN_NAME,
    ['/'] = ANY,
    ['0' ... ':'] = ANY | IN_NAME,
    [';'] = ANY,
    ['=' ... '@'] = ANY,
    ['A' ... 'Z'] = ANY | IN_NAME,
    ['[' ... '\\'] = ANY,
    [']'] = IN_VALUE,
    ['^'] = ANY,
    ['_'] = ANY | IN_NAME,
    ['`'] = ANY,
    ['a' ... 'z'] = ANY | IN_NAME,
    ['{' ... 0x7f] = ANY,
    [0x80 ... 0xff] = IN_NAME, /* looked at when the name is new */
};

typedef enum { DONE, MORE, BAD } Step;

/* An attribute of a tag whose end may not have come yet: offsets, and whether its value must be decoded. */
typedef struct Raw {
    gsize name, name_length, value, value_length;
    MgkXmlSpelling *spelling; /* once the tag is whole */
    gboolean coded;
} Raw;

typedef struct Frame {
    MgkXmlSpelling *spelling; /* borrowed */
    guint mark;               /* bindings outside */
    guint64 scope;            /* outside */
} Frame;

struct MgkXmlWalk {
    const MgkXmlWalkEvents *events; /* borrowed */
    gpointer context;               /* borrowed */
    guint64 max_attributes;
    gsize longest; /* token */
    MgkXmlNames names;
    char *data; /* owned; what is not done with yet, and PADDING zeros */
    gsize at, length, capacity;
    gsize wanted; /* an unfinished token is not looked at again before so many bytes are there */
    Frame *open;  /* owned; depth of open_room */
    guint depth, open_room;
    Raw *raw;                        /* owned; n_raw of raw_room: the present tag's */
    MgkXmlWalkAttribute *attributes; /* owned; raw_room of them */
    guint n_raw, raw_room;
    guint64 tags;
    gboolean begun, rooted, final;
    const char *why; /* static */
};

MgkXmlWalk *mgk_xml_walk_new(const MgkXmlWalkEvents *events, gpointer context, guint64 max_attributes)
{
    MgkXmlWalk *walk = g_new0(MgkXmlWalk, 1);
    walk->events = events;
    walk->context = context;
    walk->max_attributes = max_attributes;
    walk->longest = TOKEN_BYTES;
    mgk_xml_names_init(&walk->names);
    return walk;
}

void mgk_xml_walk_free(MgkXmlWalk *walk)
{
    if (!walk)
        return;
    mgk_xml_names_clear(&walk->names);
    g_free(walk->open);
    g_free(walk->raw);
    g_free(walk->attributes);
    g_free(walk->data);
    g_free(walk);
}

void mgk_xml_walk_allow(MgkXmlWalk *walk, gsize bytes)
{
    walk->longest = bytes;
}

void mgk_xml_walk_stop(MgkXmlWalk *walk, const char *why)
{
    if (!walk->why)
        walk->why = why;
}

const char *mgk_xml_walk_why(const MgkXmlWalk *walk)
{
    return walk->why;
}

const char *mgk_xml_walk_resolve(const MgkXmlWalk *walk, const char *prefix)
{
    return mgk_xml_names_uri(&walk->names, prefix);
}

static Step bad(MgkXmlWalk *walk, const char *why)
{
    mgk_xml_walk_stop(walk, why);
    return BAD;
}

static const char *end_of(const MgkXmlWalk *walk)
{
    return walk->data + walk->length;
}

/* A scan stopped at p: is it at the end of what has come, or at something that must not be there? */
static Step stopped(MgkXmlWalk *walk, const char *p)
{
    return p >= end_of(walk) && !walk->final ? MORE : bad(walk, "not well-formed");
}

static const char *skip(const char *p, guint class)
{
    while (classes[(guint8)*p] & class)
        p++;
    return p;
}

/* ---- characters ---- */

static gboolean is_char(gunichar c)
{
    return (c >= 0x20 && c <= 0xd7ff) || c == '\t' || c == '\n' || c == '\r' || (c >= 0xe000 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0x10ffff);
}

/* Past kana and kanji: U+1000 to U+CFFF, three bytes each. */
static const char *skip_wide(const char *p)
{
    while ((guint8)p[0] >= 0xe1 && (guint8)p[0] <= 0xec && (p[1] & 0xc0) == 0x80 && (p[2] & 0xc0) == 0x80)
        p += 3;
    return p;
}

/* The length of the character at p, whose first byte is not ASCII; 0 when it is none, -1 when its end has not come. */
static int wide_char(const char *p, const char *end)
{
    gunichar c = g_utf8_get_char_validated(p, MIN(end - p, 6));
    if (c == (gunichar)-2)
        return -1;
    return c != (gunichar)-1 && is_char(c) ? g_unichar_to_utf8(c, NULL) : 0;
}

/* Decodes the reference at p; 0 when it is none that XML knows by itself. */
static gunichar decode_reference(const char *p, const char *semicolon)
{
    static const struct {
        const char *name;
        gunichar c;
    } known[] = {{"&amp", '&'}, {"&lt", '<'}, {"&gt", '>'}, {"&quot", '"'}, {"&apos", '\''}};
    gsize length = (gsize)(semicolon - p);
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (strlen(known[i].name) == length && memcmp(p, known[i].name, length) == 0)
            return known[i].c;
    }
    if (p[1] != '#')
        return 0;
    int base = p[2] == 'x' ? 16 : 10;
    gunichar c = 0;
    const char *digits = p + (base == 16 ? 3 : 2);
    for (const char *d = digits; d < semicolon; d++) { /* so few digits that nothing overflows */
        int digit = base == 16 ? g_ascii_xdigit_value(*d) : g_ascii_digit_value(*d);
        if (digit < 0)
            return 0;
        c = c * (gunichar)base + (gunichar)digit;
    }
    return digits < semicolon && is_char(c) ? c : 0;
}

/* Decodes a value in place; what it becomes is never longer. FALSE for a broken reference. */
static gboolean decode_value(char *value, gsize length)
{
    char *to = value;
    for (const char *p = value, *end = value + length; p < end;) {
        if (*p != '&') {
            gboolean line_end = p[0] == '\r' && p + 1 < end && p[1] == '\n';
            *to++ = (classes[(guint8)*p] & IS_SPACE) ? ' ' : *p;
            p += line_end ? 2 : 1;
            continue;
        }
        const char *semicolon = memchr(p, ';', MIN((gsize)(end - p), REFERENCE_BYTES));
        gunichar c = semicolon ? decode_reference(p, semicolon) : 0;
        if (!c)
            return FALSE;
        to += g_unichar_to_utf8(c, to);
        p = semicolon + 1;
    }
    *to = '\0';
    return TRUE;
}

/* ---- text ---- */

static Step give_text(MgkXmlWalk *walk, const char *text, gsize length)
{
    if (walk->depth)
        walk->events->text(walk->context, text, length);
    else if (skip(text, IS_SPACE) < text + length)
        return bad(walk, "not well-formed");
    walk->at = (gsize)(text - walk->data) + length;
    return walk->why ? BAD : DONE;
}

static Step take_reference(MgkXmlWalk *walk)
{
    char decoded[6];
    const char *p = walk->data + walk->at;
    gsize length = walk->length - walk->at;
    const char *semicolon = memchr(p, ';', MIN(length, REFERENCE_BYTES));
    if (!semicolon && length < REFERENCE_BYTES && !walk->final)
        return MORE;
    gunichar c = semicolon ? decode_reference(p, semicolon) : 0;
    if (!c || !walk->depth)
        return bad(walk, "an entity");
    walk->events->text(walk->context, decoded, (gsize)g_unichar_to_utf8(c, decoded));
    walk->at += (gsize)(semicolon - p) + 1;
    return walk->why ? BAD : DONE;
}

/* Bytes of the rare characters of text at p: 0 what no text may hold, -1 when its end has not come yet. */
static int rare_char(const MgkXmlWalk *walk, const char *p, const char *end)
{
    if (*p != ']')
        return (guint8)*p >= 0x80 ? wide_char(p, end) : 0;
    if (p[1] == ']' && p[2] == '>')
        return 0;
    return end - p < 3 && !walk->final ? -1 : 1;
}

/* Text up to the next markup or reference, or as far as it has come. */
static Step take_text(MgkXmlWalk *walk)
{
    const char *start = walk->data + walk->at, *end = end_of(walk), *p = start;
    while ((p = skip(p, IN_TEXT)) < end) {
        const char *wide = skip_wide(p);
        if (wide > p) {
            p = wide;
            continue;
        }
        if (*p == '<' || *p == '&')
            break;
        int n = rare_char(walk, p, end);
        if (n == 0 || (n < 0 && walk->final))
            return bad(walk, "not well-formed");
        if (n < 0)
            break;
        p += n;
    }
    if (p > start)
        return give_text(walk, start, (gsize)(p - start));
    return *p == '&' ? take_reference(walk) : MORE;
}

static Step take_cdata(MgkXmlWalk *walk, const char *start)
{
    const char *end = memmem(start, (gsize)(end_of(walk) - start), "]]>", 3);
    if (!end)
        return stopped(walk, end_of(walk));
    if (!walk->depth)
        return bad(walk, "not well-formed");
    for (const char *p = start; p < end;) {
        int n = (guint8)*p >= 0x80 ? wide_char(p, end) : is_char((guchar)*p);
        if (n <= 0)
            return bad(walk, "not well-formed");
        p += n;
    }
    walk->events->text(walk->context, start, (gsize)(end - start));
    walk->at = (gsize)(end - walk->data) + 3;
    return walk->why ? BAD : DONE;
}

/* ---- tags ---- */

static void close_element(MgkXmlWalk *walk, guint mark, guint64 scope)
{
    walk->events->end(walk->context);
    if (walk->names.scope == scope)
        return;
    g_array_set_size(walk->names.bindings, mark);
    walk->names.scope = scope;
}

static Step take_end(MgkXmlWalk *walk)
{
    if (!walk->depth)
        return bad(walk, "not well-formed");
    const Frame *frame = &walk->open[walk->depth - 1];
    const char *name = walk->data + walk->at + 2;
    gsize length = frame->spelling->length;
    if ((gsize)(end_of(walk) - name) <= length)
        return stopped(walk, end_of(walk));
    const char *p = skip(name + length, IS_SPACE);
    if (memcmp(name, frame->spelling->text, length) != 0)
        return bad(walk, "not well-formed");
    if (*p != '>')
        return stopped(walk, p);
    close_element(walk, frame->mark, frame->scope);
    walk->depth--;
    walk->at = (gsize)(p - walk->data) + 1;
    return walk->why ? BAD : DONE;
}

/* Finds the end of a value that starts behind its quote. */
static Step scan_value(MgkXmlWalk *walk, Raw *raw, char quote, const char **at)
{
    const char *p = walk->data + raw->value, *end = end_of(walk);
    while (*(p = skip(p, IN_VALUE)) != quote) {
        int n = 1;
        if ((guint8)*p >= 0x80)
            n = wide_char(p, end);
        else if (*p == '&' || (classes[(guint8)*p] & IS_SPACE))
            raw->coded = TRUE;
        else if (*p != '"' && *p != '\'')
            return stopped(walk, p);
        if (n <= 0)
            return n < 0 ? stopped(walk, end) : bad(walk, "not well-formed");
        p += n;
    }
    raw->value_length = (gsize)(p - walk->data) - raw->value;
    *at = p + 1;
    return DONE;
}

static Step scan_attribute(MgkXmlWalk *walk, const char **at)
{
    const char *name = *at, *p = skip(name, IN_NAME);
    Raw raw = {.name = (gsize)(name - walk->data), .name_length = (gsize)(p - name)};
    p = skip(p, IS_SPACE);
    if (*p != '=' || raw.name_length == 0)
        return stopped(walk, p);
    p = skip(p + 1, IS_SPACE);
    if (*p != '"' && *p != '\'')
        return stopped(walk, p);
    raw.value = (gsize)(p - walk->data) + 1;
    Step step = scan_value(walk, &raw, *p, at);
    if (step != DONE)
        return step;
    if (walk->n_raw >= walk->max_attributes)
        return bad(walk, "nested too deeply or too many attributes");
    if (walk->n_raw == walk->raw_room) {
        walk->raw_room = MAX(16, 2 * walk->raw_room);
        walk->raw = g_renew(Raw, walk->raw, walk->raw_room);
        walk->attributes = g_renew(MgkXmlWalkAttribute, walk->attributes, walk->raw_room);
    }
    walk->raw[walk->n_raw++] = raw;
    return DONE;
}

/* Reads a whole start tag without changing anything, since its end may be missing. */
static Step scan_start(MgkXmlWalk *walk, const char *p, const char **ret_end)
{
    walk->n_raw = 0;
    for (;;) {
        const char *before = p;
        p = skip(p, IS_SPACE);
        if (*p == '>' || (p[0] == '/' && p[1] == '>')) {
            *ret_end = p;
            return DONE;
        }
        if (*p == '/')
            return stopped(walk, p + 1);
        if (p == before)
            return stopped(walk, p);
        Step step = scan_attribute(walk, &p);
        if (step != DONE)
            return step;
    }
}

/* Values are decoded where they lie; declarations take effect and are no attributes any more. */
static gboolean settle_values(MgkXmlWalk *walk, guint mark)
{
    guint kept = 0;
    for (guint i = 0; i < walk->n_raw; i++) {
        Raw *raw = &walk->raw[i];
        char *value = walk->data + raw->value;
        raw->spelling = mgk_xml_names_spelling(&walk->names, walk->data + raw->name, raw->name_length);
        value[raw->value_length] = '\0'; /* where the quote was */
        if (!raw->spelling || (raw->coded && !decode_value(value, raw->value_length)))
            return FALSE;
        if (!raw->spelling->declares)
            walk->raw[kept++] = *raw;
        else if (!mgk_xml_names_declare(&walk->names, raw->spelling, value, mark))
            return FALSE;
    }
    walk->n_raw = kept;
    return TRUE;
}

static gboolean resolve_attributes(MgkXmlWalk *walk)
{
    walk->tags++;
    for (guint i = 0; i < walk->n_raw; i++) {
        MgkXmlWalkName *name = mgk_xml_names_resolve(&walk->names, walk->raw[i].spelling, FALSE);
        if (!name || name->tag == walk->tags) /* not declared, or twice in one tag */
            return FALSE;
        name->tag = walk->tags;
        walk->attributes[i] = (MgkXmlWalkAttribute){name, walk->data + walk->raw[i].value};
    }
    return TRUE;
}

static void open_element(MgkXmlWalk *walk, const Frame *frame)
{
    if (walk->depth == walk->open_room) {
        walk->open_room = MAX(64, 2 * walk->open_room);
        walk->open = g_renew(Frame, walk->open, walk->open_room);
    }
    walk->open[walk->depth++] = *frame;
}

static Step take_start(MgkXmlWalk *walk)
{
    const char *text = walk->data + walk->at + 1, *p = skip(text, IN_NAME), *end = p;
    gsize length = (gsize)(p - text);
    Step step = scan_start(walk, p, &end);
    if (step != DONE)
        return step;
    Frame frame = {mgk_xml_names_spelling(&walk->names, text, length), walk->names.bindings->len, walk->names.scope};
    if (!frame.spelling || (walk->rooted && !walk->depth) || !settle_values(walk, frame.mark) ||
        !resolve_attributes(walk))
        return bad(walk, "not well-formed");
    MgkXmlWalkName *name = mgk_xml_names_resolve(&walk->names, frame.spelling, TRUE);
    if (!name)
        return bad(walk, "not well-formed");
    walk->rooted = TRUE;
    walk->events->start(walk->context, name, walk->attributes, walk->n_raw);
    if (*end == '/')
        close_element(walk, frame.mark, frame.scope);
    else
        open_element(walk, &frame);
    walk->at = (gsize)(end - walk->data) + (*end == '/' ? 2 : 1);
    return walk->why ? BAD : DONE;
}

static Step take_markup(MgkXmlWalk *walk)
{
    static const char cdata[] = "<![CDATA[";
    const char *p = walk->data + walk->at;
    gsize length = walk->length - walk->at;
    switch (p[1]) {
    case '/':
        return take_end(walk);
    case '?':
        return bad(walk, "a processing instruction");
    case '!':
        if (length < sizeof cdata - 1 && !walk->final)
            return MORE;
        if (length >= sizeof cdata - 1 && memcmp(p, cdata, sizeof cdata - 1) == 0)
            return take_cdata(walk, p + sizeof cdata - 1);
        return bad(walk, p[2] == '-' ? "a comment" : "a document type");
    default:
        return take_start(walk);
    }
}

/* ---- the document ---- */

/* name="value" in the declaration; *ret_value is the caller's, NULL when the name is not there. */
static const char *pseudo_attribute(const char *p, const char *name, char **ret_value)
{
    const char *start = skip(p, IS_SPACE);
    gsize length = strlen(name);
    *ret_value = NULL;
    if (start == p || strncmp(start, name, length) != 0)
        return p;
    const char *quote = skip(start + length, IS_SPACE);
    quote = *quote == '=' ? skip(quote + 1, IS_SPACE) : "";
    const char *close = *quote == '"' || *quote == '\'' ? strchr(quote + 1, *quote) : NULL;
    if (!close)
        return p;
    *ret_value = g_strndup(quote + 1, (gsize)(close - quote - 1));
    return close + 1;
}

static gboolean declaration_is_sound(const char *p)
{
    g_autofree char *version = NULL, *encoding = NULL, *standalone = NULL;
    p = pseudo_attribute(p, "version", &version);
    p = pseudo_attribute(p, "encoding", &encoding);
    p = pseudo_attribute(p, "standalone", &standalone);
    return *skip(p, IS_SPACE) == '\0' && g_strcmp0(version, "1.0") == 0 &&
           (!encoding || g_ascii_strcasecmp(encoding, "UTF-8") == 0) &&
           (!standalone || strcmp(standalone, "yes") == 0 || strcmp(standalone, "no") == 0);
}

/* A byte order mark and the XML declaration. */
static Step take_beginning(MgkXmlWalk *walk)
{
    static const char mark[] = "\xef\xbb\xbf", declaration[] = "<?xml";
    if (walk->length < 16 && !walk->final)
        return MORE;
    if (memcmp(walk->data, mark, sizeof mark - 1) == 0)
        walk->at = sizeof mark - 1;
    const char *p = walk->data + walk->at;
    walk->begun = TRUE;
    if (memcmp(p, declaration, sizeof declaration - 1) != 0)
        return DONE;
    const char *end = memmem(p, walk->length - walk->at, "?>", 2);
    walk->begun = end != NULL;
    if (!end)
        return stopped(walk, end_of(walk));
    g_autofree char *text = g_strndup(p + sizeof declaration - 1, (gsize)(end - p) - (sizeof declaration - 1));
    if (strlen(text) != (gsize)(end - p) - (sizeof declaration - 1) || !declaration_is_sound(text))
        return bad(walk, "not UTF-8");
    walk->at = (gsize)(end - walk->data) + 2;
    return DONE;
}

static gboolean run(MgkXmlWalk *walk)
{
    gsize pending = walk->length - walk->at;
    if (walk->why || (pending < walk->wanted && !walk->final))
        return !walk->why;
    walk->wanted = 0;
    while (walk->at < walk->length) {
        Step step = !walk->begun                  ? take_beginning(walk)
                    : walk->data[walk->at] == '<' ? take_markup(walk)
                                                  : take_text(walk);
        if (step == BAD)
            return FALSE;
        if (step == MORE) { /* twice as much next time: no token is read over and over */
            walk->wanted = 2 * (walk->length - walk->at);
            return TRUE;
        }
    }
    return TRUE;
}

/* Moves what is left to the front and makes room behind it. */
static gboolean make_room(MgkXmlWalk *walk, gsize size)
{
    gsize left = walk->length - walk->at;
    if (left > walk->longest || size > G_MAXSIZE / 4)
        return FALSE;
    if (walk->at && left)
        memmove(walk->data, walk->data + walk->at, left);
    walk->at = 0;
    walk->length = left;
    if (left + size + PADDING > walk->capacity) {
        walk->capacity = MAX(2 * left, 4096) + size + PADDING;
        walk->data = g_realloc(walk->data, walk->capacity);
    }
    return TRUE;
}

gboolean mgk_xml_walk_push(MgkXmlWalk *walk, const void *data, gsize size)
{
    if (walk->why || !size)
        return !walk->why;
    if (!make_room(walk, size)) {
        mgk_xml_walk_stop(walk, "a tag is too long");
        return FALSE;
    }
    memcpy(walk->data + walk->length, data, size);
    walk->length += size;
    memset(walk->data + walk->length, 0, PADDING);
    return run(walk);
}

gboolean mgk_xml_walk_finish(MgkXmlWalk *walk)
{
    walk->final = TRUE;
    if (!run(walk))
        return FALSE;
    if (walk->at < walk->length || walk->depth || !walk->rooted)
        mgk_xml_walk_stop(walk, "not well-formed");
    return !walk->why;
}
