#include "engines/pdf_objects.h"

#include "engines/pdf_signer.h"

#include <string.h>

#define MAX_DEPTH 60      /* of objects directly inside one another */
#define MAX_FINDINGS 5000 /* the report lists far fewer */
#define EXCERPT 160
#define LOOK_AT_CLOCK_EVERY 2048

typedef enum {
    AT_KEY,     /* a dictionary has this key */
    AT_ACTION,  /* /S has this value */
    AT_SUBTYPE, /* /Subtype has this value */
} Site;

/* A row per thing that can hide in a PDF (ISO 32000-2; clause in brackets). detail names the entries that say more. */
typedef struct Rule {
    Site site;
    const char *name;
    MgkKind kind;
    const char *detail[3];
    gboolean once; /* everyday and of no weight: one finding for the file */
} Rule;

static const Rule rules[] = {
    {AT_KEY, "/JS", MGK_KIND_PDF_JAVASCRIPT, {"/JS"}, FALSE},                    /* 12.6.4.17 */
    {AT_KEY, "/JavaScript", MGK_KIND_PDF_JAVASCRIPT, {NULL}, FALSE},             /* 7.7.4 name tree */
    {AT_KEY, "/XFA", MGK_KIND_PDF_XFA, {NULL}, FALSE},                           /* 12.7.3 */
    {AT_KEY, "/Collection", MGK_KIND_PDF_PORTFOLIO, {NULL}, FALSE},              /* 12.3.5 */
    {AT_KEY, "/RichMediaContent", MGK_KIND_PDF_RICH_MEDIA, {NULL}, FALSE},       /* 13.7 */
    {AT_KEY, "/OPI", MGK_KIND_PDF_EXTERNAL, {NULL}, FALSE},                      /* 14.11.7 */
    {AT_KEY, "/Metadata", MGK_KIND_METADATA, {NULL}, TRUE},                      /* 14.3.2 */
    {AT_KEY, "/PieceInfo", MGK_KIND_METADATA, {NULL}, TRUE},                     /* 14.5 */
    {AT_KEY, "/Thumb", MGK_KIND_METADATA, {NULL}, TRUE},                         /* 12.3.4 */
    {AT_KEY, "/SpiderInfo", MGK_KIND_METADATA, {NULL}, TRUE},                    /* 14.10 */
    {AT_ACTION, "/Launch", MGK_KIND_PDF_LAUNCH, {"/F", "/Win", "/Unix"}, FALSE}, /* 12.6.4.6 */
    {AT_ACTION, "/GoToR", MGK_KIND_PDF_REMOTE_TARGET, {"/F"}, FALSE},            /* 12.6.4.3 */
    {AT_ACTION, "/GoToE", MGK_KIND_PDF_REMOTE_TARGET, {"/F", "/T"}, FALSE},      /* 12.6.4.4 */
    {AT_ACTION, "/Thread", MGK_KIND_PDF_REMOTE_TARGET, {"/F"}, FALSE},           /* 12.6.4.7 */
    {AT_ACTION, "/SubmitForm", MGK_KIND_PDF_SUBMIT, {"/F"}, FALSE},              /* 12.7.6.2 */
    {AT_ACTION, "/ImportData", MGK_KIND_PDF_IMPORT_DATA, {"/F"}, FALSE},         /* 12.7.6.4 */
    {AT_ACTION, "/ResetForm", MGK_KIND_PDF_OTHER_ACTION, {"/S"}, TRUE},          /* 12.7.6.3 */
    {AT_ACTION, "/Hide", MGK_KIND_PDF_OTHER_ACTION, {"/S"}, TRUE},               /* 12.6.4.11 */
    {AT_ACTION, "/Named", MGK_KIND_PDF_OTHER_ACTION, {"/N"}, TRUE},              /* 12.6.4.12 */
    {AT_ACTION, "/SetOCGState", MGK_KIND_PDF_OTHER_ACTION, {"/S"}, TRUE},        /* 12.6.4.13 */
    {AT_ACTION, "/Trans", MGK_KIND_PDF_OTHER_ACTION, {"/S"}, TRUE},              /* 12.6.4.15 */
    {AT_ACTION, "/Rendition", MGK_KIND_PDF_MULTIMEDIA, {"/S"}, FALSE},           /* 12.6.4.14 */
    {AT_ACTION, "/Movie", MGK_KIND_PDF_MULTIMEDIA, {"/S"}, FALSE},               /* 12.6.4.10 */
    {AT_ACTION, "/Sound", MGK_KIND_PDF_MULTIMEDIA, {"/S"}, FALSE},               /* 12.6.4.9 */
    {AT_ACTION, "/RichMediaExecute", MGK_KIND_PDF_RICH_MEDIA, {"/S"}, FALSE},    /* 12.6.4.18 */
    {AT_ACTION, "/GoTo3DView", MGK_KIND_PDF_3D, {"/S"}, FALSE},                  /* 12.6.4.16 */
    {AT_SUBTYPE, "/RichMedia", MGK_KIND_PDF_RICH_MEDIA, {"/NM"}, FALSE},         /* 13.7.2 */
    {AT_SUBTYPE, "/Flash", MGK_KIND_PDF_RICH_MEDIA, {NULL}, FALSE},              /* 13.7.2.3 */
    {AT_SUBTYPE, "/3D", MGK_KIND_PDF_3D, {NULL}, FALSE},                         /* 13.6.2 */
    {AT_SUBTYPE, "/U3D", MGK_KIND_PDF_3D, {NULL}, FALSE},                        /* 13.6.3 */
    {AT_SUBTYPE, "/PRC", MGK_KIND_PDF_3D, {NULL}, FALSE},
    {AT_SUBTYPE, "/Movie", MGK_KIND_PDF_MULTIMEDIA, {"/T"}, FALSE},  /* 12.5.6.17 */
    {AT_SUBTYPE, "/Sound", MGK_KIND_PDF_MULTIMEDIA, {NULL}, FALSE},  /* 12.5.6.16 */
    {AT_SUBTYPE, "/Screen", MGK_KIND_PDF_MULTIMEDIA, {"/T"}, FALSE}, /* 12.5.6.18 */
    {AT_SUBTYPE, "/PS", MGK_KIND_PDF_POSTSCRIPT, {NULL}, FALSE},     /* 8.8.2 */
};

void mgk_pdf_visit_init(MgkPdfVisit *visit, MgkJob *job)
{
    *visit = (MgkPdfVisit){.job = job,
                           .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                           .strays = g_array_new(FALSE, FALSE, sizeof(MgkPdfReference))};
}

void mgk_pdf_visit_clear(MgkPdfVisit *visit)
{
    g_clear_pointer(&visit->known, g_hash_table_unref);
    g_clear_pointer(&visit->strays, g_array_unref);
}

gboolean mgk_pdf_visit_found(const MgkPdfVisit *visit, MgkKind kind)
{
    return (visit->found_kinds[kind / 64] >> (kind % 64) & 1) != 0;
}

void mgk_pdf_visit_find(MgkPdfVisit *visit, MgkKind kind, int id, const char *detail)
{
    g_autofree char *key = g_strdup_printf("%d/%d/%s", (int)kind, id, detail ? detail : "");
    if (visit->revision > 0 && g_hash_table_contains(visit->known, key))
        return;
    g_hash_table_add(visit->known, g_steal_pointer(&key));
    visit->found_kinds[kind / 64] |= G_GUINT64_CONSTANT(1) << (kind % 64);
    if (visit->findings++ >= MAX_FINDINGS)
        return;
    g_autofree char *where = visit->revision ? g_strdup_printf("revision -%u, object %d", visit->revision, id)
                             : id            ? g_strdup_printf("object %d", id)
                                             : g_strdup("trailer");
    mgk_job_find(visit->job, kind, where, detail);
}

static qpdf_oh entry(const MgkPdfVisit *visit, qpdf_oh dict, const char *key)
{
    return qpdf_oh_get_key(visit->pdf, dict, key);
}

static gboolean has(const MgkPdfVisit *visit, qpdf_oh dict, const char *key)
{
    return qpdf_oh_has_key(visit->pdf, dict, key) != 0;
}

/* TRUE when the entry is a name with this value ("/Sig"). */
static gboolean is_name(const MgkPdfVisit *visit, qpdf_oh dict, const char *key, const char *value)
{
    qpdf_oh object = entry(visit, dict, key);
    gboolean same = qpdf_oh_is_name(visit->pdf, object) && strcmp(qpdf_oh_get_name(visit->pdf, object), value) == 0;
    qpdf_oh_release(visit->pdf, object);
    return same;
}

static char *text_of(const MgkPdfVisit *visit, qpdf_oh object, guint depth);

/* A file specification's name, or the first telling entry of a dictionary. */
static char *text_of_dict(const MgkPdfVisit *visit, qpdf_oh dict, guint depth)
{
    static const char *const telling[] = {"/UF", "/F", "/Unix", "/DOS", "/Mac", "/N", "/P", "/D"};
    char *text = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(telling) && !text; i++) {
        if (!has(visit, dict, telling[i]))
            continue;
        qpdf_oh object = entry(visit, dict, telling[i]);
        text = text_of(visit, object, depth + 1);
        qpdf_oh_release(visit->pdf, object);
    }
    return text;
}

/* What a clerk or an engineer may be shown of a value, cut short; NULL when it says nothing. Owned by the caller. */
static char *text_of(const MgkPdfVisit *visit, qpdf_oh object, guint depth)
{
    if (qpdf_oh_is_string(visit->pdf, object)) {
        const char *text = qpdf_oh_get_utf8_value(visit->pdf, object);
        g_autofree char *cut = g_strndup(text, strnlen(text, EXCERPT));
        for (char *c = cut; *c; c++)
            *c = (guchar)*c < ' ' ? ' ' : *c;
        return *cut ? g_utf8_make_valid(cut, -1) : NULL;
    }
    if (qpdf_oh_is_name(visit->pdf, object))
        return g_utf8_make_valid(qpdf_oh_get_name(visit->pdf, object) + 1, -1);
    return qpdf_oh_is_dictionary(visit->pdf, object) && depth < 4 ? text_of_dict(visit, object, depth) : NULL;
}

static char *text_at(const MgkPdfVisit *visit, qpdf_oh dict, const char *key)
{
    qpdf_oh object = entry(visit, dict, key);
    char *text = text_of(visit, object, 0);
    qpdf_oh_release(visit->pdf, object);
    return text;
}

static void apply_rule(MgkPdfVisit *visit, const Rule *rule, qpdf_oh dict, int id)
{
    g_autofree char *detail = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(rule->detail) && rule->detail[i] && !detail; i++)
        detail = text_at(visit, dict, rule->detail[i]);
    if (!detail)
        detail = g_strdup(rule->name + 1);
    mgk_pdf_visit_find(visit, rule->kind, rule->once ? 0 : id, detail);
}

/* Once-only rules put their finding on the trailer; a second one would merely count. */
static gboolean applied_before(const MgkPdfVisit *visit, const Rule *rule)
{
    if (!rule->once)
        return FALSE;
    g_autofree char *key = g_strdup_printf("%d/0/%s", (int)rule->kind, rule->name + 1);
    return g_hash_table_contains(visit->known, key);
}

static void apply_rules(MgkPdfVisit *visit, Site site, const char *name, qpdf_oh dict, int id)
{
    for (guint i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (rules[i].site == site && strcmp(rules[i].name, name) == 0 && !applied_before(visit, &rules[i]))
            apply_rule(visit, &rules[i], dict, id);
    }
}

/* Links to the web and to mailboxes are the renderer's; the others never survive. */
static void look_at_uri(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    g_autofree char *uri = text_at(visit, dict, "/URI");
    if (!uri)
        return;
    const char *start = uri;
    while (*start && (guchar)*start <= ' ')
        start++;
    gsize length = 0;
    while (g_ascii_isalnum(start[length]) || (length && strchr("+-.", start[length]) && start[length]))
        length++;
    gboolean scheme = start[length] == ':' && length > 0;
    gboolean network = start[0] == '\\' || (start[0] == '/' && start[1] == '/');
    static const char *const ordinary[] = {"http", "https", "mailto", "ftp", "tel"};
    for (guint i = 0; scheme && i < G_N_ELEMENTS(ordinary); i++) {
        if (strlen(ordinary[i]) == length && g_ascii_strncasecmp(start, ordinary[i], length) == 0)
            return;
    }
    if (scheme || network)
        mgk_pdf_visit_find(visit, MGK_KIND_LINK_DANGEROUS, id, uri);
}

static void look_at_action(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    qpdf_oh type = entry(visit, dict, "/S");
    g_autofree char *name = qpdf_oh_is_name(visit->pdf, type) ? g_strdup(qpdf_oh_get_name(visit->pdf, type)) : NULL;
    qpdf_oh_release(visit->pdf, type);
    if (!name)
        return;
    if (strcmp(name, "/URI") == 0)
        look_at_uri(visit, dict, id);
    else if (strcmp(name, "/JavaScript") == 0 && !has(visit, dict, "/JS"))
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_JAVASCRIPT, id, NULL);
    else
        apply_rules(visit, AT_ACTION, name, dict, id);
}

static void look_at_subtype(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    g_autofree char *subtype = NULL;
    qpdf_oh object = entry(visit, dict, "/Subtype");
    if (qpdf_oh_is_name(visit->pdf, object))
        subtype = g_strdup(qpdf_oh_get_name(visit->pdf, object));
    qpdf_oh_release(visit->pdf, object);
    if (!subtype)
        return;
    apply_rules(visit, AT_SUBTYPE, subtype, dict, id);
    gboolean silent = strcmp(subtype, "/Popup") == 0 || strcmp(subtype, "/Link") == 0;
    qpdf_oh flags = entry(visit, dict, "/F");
    int bits = qpdf_oh_is_integer(visit->pdf, flags) ? qpdf_oh_get_int_value_as_int(visit->pdf, flags) : 0;
    qpdf_oh_release(visit->pdf, flags);
    if (silent || !(bits & (2 | 32)) || !has(visit, dict, "/Rect")) /* Hidden, NoView: 12.5.3 */
        return;
    g_autofree char *contents = text_at(visit, dict, "/Contents");
    mgk_pdf_visit_find(visit, MGK_KIND_PDF_HIDDEN_NOTE, id, contents ? contents : subtype + 1);
}

/* File specifications (7.11) and streams that are files. */
static void look_at_files(MgkPdfVisit *visit, qpdf_oh dict, int id, gboolean stream)
{
    if (has(visit, dict, "/EF")) {
        visit->attachments++;
        g_autofree char *name = text_of_dict(visit, dict, 0);
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_ATTACHMENT, id, name);
    }
    if (stream && is_name(visit, dict, "/Type", "/EmbeddedFile"))
        visit->attached_streams++;
    if (is_name(visit, dict, "/FS", "/URL")) {
        g_autofree char *name = text_of_dict(visit, dict, 0);
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_EXTERNAL, id, name);
    }
    if (!stream)
        return;
    qpdf_oh file = entry(visit, dict, "/F");
    gboolean outside = qpdf_oh_is_string(visit->pdf, file) || qpdf_oh_is_dictionary(visit->pdf, file);
    g_autofree char *name = outside ? text_of(visit, file, 0) : NULL;
    qpdf_oh_release(visit->pdf, file);
    if (outside || has(visit, dict, "/Ref"))
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_EXTERNAL, id, name ? name : "reference");
}

static gboolean says_something(const MgkPdfVisit *visit, qpdf_oh value)
{
    if (qpdf_oh_is_name(visit->pdf, value))
        return strcmp(qpdf_oh_get_name(visit->pdf, value), "/Off") != 0;
    if (qpdf_oh_is_string(visit->pdf, value)) {
        const char *text = qpdf_oh_get_utf8_value(visit->pdf, value);
        return text[strspn(text, " \t\r\n")] != '\0';
    }
    if (qpdf_oh_is_array(visit->pdf, value))
        return qpdf_oh_get_array_n_items(visit->pdf, value) > 0;
    return qpdf_oh_is_stream(visit->pdf, value) != 0;
}

static void look_at_field(MgkPdfVisit *visit, qpdf_oh dict)
{
    if (visit->revision > 0 || !has(visit, dict, "/FT") || is_name(visit, dict, "/FT", "/Sig"))
        return;
    visit->fields++;
    qpdf_oh value = entry(visit, dict, "/V");
    if (says_something(visit, value))
        visit->values++;
    qpdf_oh_release(visit->pdf, value);
}

static void look_at_signature(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    if (!has(visit, dict, "/ByteRange") || !has(visit, dict, "/Contents"))
        return;
    qpdf_oh contents = entry(visit, dict, "/Contents");
    g_autofree char *name = NULL;
    if (qpdf_oh_is_string(visit->pdf, contents)) {
        size_t size = 0;
        const char *bytes = qpdf_oh_get_binary_string_value(visit->pdf, contents, &size);
        name = mgk_pdf_signer_name((const guint8 *)bytes, size);
    }
    qpdf_oh_release(visit->pdf, contents);
    if (!name)
        name = text_at(visit, dict, "/Name");
    mgk_pdf_visit_find(visit, MGK_KIND_SIGNATURE_LOST, id, name);
}

/* The names of the layers that a configuration (8.11.4.3) switches off; NULL when there are none. */
static char *hidden_layers(const MgkPdfVisit *visit, qpdf_oh config)
{
    qpdf_oh off = entry(visit, config, "/OFF");
    int n = qpdf_oh_is_array(visit->pdf, off) ? qpdf_oh_get_array_n_items(visit->pdf, off) : 0;
    gboolean all = is_name(visit, config, "/BaseState", "/OFF");
    g_autoptr(GString) names = g_string_new(all ? "all but some" : "");
    for (int i = 0; i < n && names->len < EXCERPT; i++) {
        qpdf_oh layer = qpdf_oh_get_array_item(visit->pdf, off, i);
        g_autofree char *name = qpdf_oh_is_dictionary(visit->pdf, layer) ? text_at(visit, layer, "/Name") : NULL;
        qpdf_oh_release(visit->pdf, layer);
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", name ? name : "?");
    }
    qpdf_oh_release(visit->pdf, off);
    return names->len ? g_string_free(g_steal_pointer(&names), FALSE) : NULL;
}

static void look_at_layers(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    qpdf_oh properties = entry(visit, dict, "/OCProperties");
    if (qpdf_oh_is_dictionary(visit->pdf, properties)) {
        qpdf_oh config = entry(visit, properties, "/D");
        g_autofree char *names = qpdf_oh_is_dictionary(visit->pdf, config) ? hidden_layers(visit, config) : NULL;
        qpdf_oh_release(visit->pdf, config);
        if (names)
            mgk_pdf_visit_find(visit, MGK_KIND_PDF_HIDDEN_LAYER, id, names);
    }
    qpdf_oh_release(visit->pdf, properties);
}

/* A mere page to show first (an array, or GoTo) is no action worth a word. */
static void look_at_opening(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    qpdf_oh action = entry(visit, dict, "/OpenAction");
    if (qpdf_oh_is_dictionary(visit->pdf, action) && !is_name(visit, action, "/S", "/GoTo")) {
        g_autofree char *type = text_at(visit, action, "/S");
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_OPEN_ACTION, id, type);
    }
    qpdf_oh_release(visit->pdf, action);
}

static void look_at_automatism(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    qpdf_oh actions = entry(visit, dict, "/AA");
    gboolean some = qpdf_oh_is_dictionary(visit->pdf, actions) != 0;
    if (some)
        qpdf_oh_begin_dict_key_iter(visit->pdf, actions);
    g_autofree char *first =
        some && qpdf_oh_dict_more_keys(visit->pdf) ? g_strdup(qpdf_oh_dict_next_key(visit->pdf) + 1) : NULL;
    qpdf_oh_release(visit->pdf, actions);
    if (first)
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_AUTO_ACTION, id, first);
}

static void look_at_rendering(MgkPdfVisit *visit, qpdf_oh dict, int id)
{
    qpdf_oh needs = entry(visit, dict, "/NeedsRendering");
    if (qpdf_oh_is_bool(visit->pdf, needs) && qpdf_oh_get_bool_value(visit->pdf, needs))
        mgk_pdf_visit_find(visit, MGK_KIND_PDF_XFA, id, "NeedsRendering");
    qpdf_oh_release(visit->pdf, needs);
}

static void visit_value(MgkPdfVisit *visit, qpdf_oh value, int id, guint depth);

static GPtrArray *keys_of(const MgkPdfVisit *visit, qpdf_oh dict)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    qpdf_oh_begin_dict_key_iter(visit->pdf, dict); /* one iterator a document: read it empty at once */
    while (qpdf_oh_dict_more_keys(visit->pdf))
        g_ptr_array_add(keys, g_strdup(qpdf_oh_dict_next_key(visit->pdf)));
    return keys;
}

/* Looks that are more than a row of the table, by the entry that calls for them. */
static void look_closer(MgkPdfVisit *visit, const char *key, qpdf_oh dict, int id)
{
    static const struct {
        const char *key;
        void (*look)(MgkPdfVisit *visit, qpdf_oh dict, int id);
    } looks[] = {
        {"/S", look_at_action},
        {"/Subtype", look_at_subtype},
        {"/ByteRange", look_at_signature},
        {"/OCProperties", look_at_layers},
        {"/OpenAction", look_at_opening},
        {"/AA", look_at_automatism},
        {"/NeedsRendering", look_at_rendering},
    };
    for (guint i = 0; i < G_N_ELEMENTS(looks); i++) {
        if (strcmp(looks[i].key, key) == 0)
            looks[i].look(visit, dict, id);
    }
}

static void visit_dict(MgkPdfVisit *visit, qpdf_oh dict, int id, guint depth, gboolean stream)
{
    g_autoptr(GPtrArray) keys = keys_of(visit, dict);
    look_at_files(visit, dict, id, stream);
    look_at_field(visit, dict);
    for (guint i = 0; i < keys->len; i++) {
        const char *key = g_ptr_array_index(keys, i);
        apply_rules(visit, AT_KEY, key, dict, id);
        look_closer(visit, key, dict, id);
        qpdf_oh value = entry(visit, dict, key);
        visit_value(visit, value, id, depth + 1);
        qpdf_oh_release(visit->pdf, value);
    }
}

static void visit_array(MgkPdfVisit *visit, qpdf_oh array, int id, guint depth)
{
    int n = qpdf_oh_get_array_n_items(visit->pdf, array);
    for (int i = 0; i < n && !visit->exhausted; i++) {
        qpdf_oh value = qpdf_oh_get_array_item(visit->pdf, array, i);
        visit_value(visit, value, id, depth + 1);
        qpdf_oh_release(visit->pdf, value);
    }
}

static void note_reference(MgkPdfVisit *visit, qpdf_oh value)
{
    MgkPdfReference reference = {.id = qpdf_oh_get_object_id(visit->pdf, value),
                                 .generation = qpdf_oh_get_generation(visit->pdf, value)};
    if (reference.generation != 0 || reference.id > visit->max_id)
        g_array_append_val(visit->strays, reference);
}

/* Goes into what lies directly in an object; references lead to objects that are visited by their own number. */
static void visit_value(MgkPdfVisit *visit, qpdf_oh value, int id, guint depth)
{
    if (++visit->steps % LOOK_AT_CLOCK_EVERY == 0 && g_get_monotonic_time() > visit->deadline_us)
        visit->exhausted = TRUE;
    if (depth > MAX_DEPTH || visit->exhausted)
        return;
    if (depth > 0 && qpdf_oh_is_indirect(visit->pdf, value)) {
        note_reference(visit, value);
        return;
    }
    if (qpdf_oh_is_stream(visit->pdf, value)) {
        qpdf_oh dict = qpdf_oh_get_dict(visit->pdf, value);
        visit_dict(visit, dict, id, depth, TRUE);
        qpdf_oh_release(visit->pdf, dict);
    } else if (qpdf_oh_is_dictionary(visit->pdf, value)) {
        visit_dict(visit, value, id, depth, FALSE);
    } else if (qpdf_oh_is_array(visit->pdf, value)) {
        visit_array(visit, value, id, depth);
    }
}

void mgk_pdf_visit_object(MgkPdfVisit *visit, qpdf_oh object, int id)
{
    visit_value(visit, object, id, 0);
}
