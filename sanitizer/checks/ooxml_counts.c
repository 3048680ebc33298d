#include "checks/ooxml_counts.h"

#include <string.h>

typedef enum { SCOPE_PART, SCOPE_PACKAGE } Scope;

static const struct {
    MgkLookNs ns;
    const char *element;
    MgkLookNs attribute_ns;
    const char *attribute;
    gboolean unique;
    Scope scope;
} id_rules[] = {
#define LOOK_UNIQUE(ns, element, ans, attribute, scope) \
    {MGK_LOOK_NS_##ns, element, MGK_LOOK_NS_##ans, attribute, TRUE, SCOPE_##scope},
#define LOOK_REQUIRED(ns, element, ans, attribute) \
    {MGK_LOOK_NS_##ns, element, MGK_LOOK_NS_##ans, attribute, FALSE, SCOPE_PART},
#include "checks/ooxml_ids.def"
#undef LOOK_UNIQUE
#undef LOOK_REQUIRED
};

/* One kind of numbered thing in a workbook: how many there are, the highest index anyone uses. */
typedef struct Range {
    guint64 n, highest;
    gboolean used;
} Range;

enum { RANGE_XF, RANGE_STYLE_XF, RANGE_DXF, RANGE_FONT, RANGE_FILL, RANGE_BORDER, RANGE_STRING, N_RANGES };

static const char *const range_names[N_RANGES] = {"cell style", "base style", "dxf",          "font",
                                                  "fill",       "border",     "shared string"};

/* Children of these are the numbered things. */
static const struct {
    const char *container, *item;
    int range;
} collections[] = {{"cellXfs", "xf", RANGE_XF},   {"cellStyleXfs", "xf", RANGE_STYLE_XF},
                   {"dxfs", "dxf", RANGE_DXF},    {"fonts", "font", RANGE_FONT},
                   {"fills", "fill", RANGE_FILL}, {"borders", "border", RANGE_BORDER},
                   {"sst", "si", RANGE_STRING}};

static const struct {
    const char *element, *attribute;
    int range;
} uses[] = {{"c", "s", RANGE_XF},
            {"col", "style", RANGE_XF},
            {"row", "s", RANGE_XF},
            {"cfRule", "dxfId", RANGE_DXF},
            {"xf", "fontId", RANGE_FONT},
            {"xf", "fillId", RANGE_FILL},
            {"xf", "borderId", RANGE_BORDER},
            {"xf", "xfId", RANGE_STYLE_XF}};

/* What an element is to these rules. */
enum {
    HAS_ID = 1 << 0,
    IS_CONTAINER = 1 << 1,
    IS_ITEM = 1 << 2,
    USES_INDEX = 1 << 3,
    IS_CELL = 1 << 4,
    IS_ROW = 1 << 5,
    IS_TABLE = 1 << 6,
    IS_COLUMN = 1 << 7,
    IS_STRING = 1 << 8,
    IS_PHONETIC = 1 << 9,
    IS_VALUE = 1 << 10,
    IS_TEXT = 1 << 11,
    IS_INLINE = 1 << 12,
    FIRST_USE = 1 << 16, /* from here on a bit for each row of uses that names the element */
};
G_STATIC_ASSERT(G_N_ELEMENTS(uses) <= 15);

static const struct {
    const char *local;
    guint interest;
} parts_of_sheets[] = {{"c", IS_CELL},    {"row", IS_ROW},      {"table", IS_TABLE}, {"tableColumn", IS_COLUMN},
                       {"si", IS_STRING}, {"rPh", IS_PHONETIC}, {"v", IS_VALUE},     {"t", IS_TEXT},
                       {"is", IS_INLINE}};

typedef struct Header {
    char *name; /* owned; the column's name */
    guint row, column;
    guint64 string; /* shared string index while pending */
    gboolean seen, pending;
} Header;

typedef struct Table {
    char *part; /* owned */
    guint row, column, header_rows;
    GPtrArray *headers; /* owned; of Header* */
} Table;

struct MgkLookCounts {
    GHashTable *ids; /* owned; of the part */
    Range ranges[N_RANGES];
    int collection; /* being read, -1 none */
    guint64 last_row, last_column;
    char cell_type[12];
    guint cell_row, cell_column;
    gboolean in_phonetic;
    GPtrArray *tables;   /* owned; of Table* */
    GHashTable *headers; /* owned; of the sheet being read: row and column → Header* (borrowed) */
    GHashTable *pending; /* owned; shared string index (guint64) → Header* (borrowed) */
    GString *string;     /* owned; of the si or is being read */
};

static void header_free(gpointer data)
{
    Header *header = data;
    g_free(header->name);
    g_free(header);
}

static void table_free(gpointer data)
{
    Table *table = data;
    g_free(table->part);
    g_ptr_array_unref(table->headers);
    g_free(table);
}

MgkLookCounts *mgk_look_counts_new(void)
{
    MgkLookCounts *counts = g_new0(MgkLookCounts, 1);
    counts->collection = -1;
    counts->tables = g_ptr_array_new_with_free_func(table_free);
    counts->headers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    counts->pending = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    counts->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    counts->string = g_string_new(NULL);
    return counts;
}

void mgk_look_counts_free(MgkLookCounts *counts)
{
    if (!counts)
        return;
    g_hash_table_unref(counts->headers);
    g_hash_table_unref(counts->pending);
    g_hash_table_unref(counts->ids);
    g_ptr_array_unref(counts->tables);
    g_string_free(counts->string, TRUE);
    g_free(counts);
}

static gpointer key64(guint64 value)
{
    guint64 *key = g_new(guint64, 1);
    *key = value;
    return key;
}

static void adopt_table(MgkLookCounts *counts, const Table *table)
{
    for (guint i = 0; table->header_rows > 0 && i < table->headers->len; i++) {
        Header *header = g_ptr_array_index(table->headers, i);
        header->row = table->row;
        header->column = table->column + i;
        g_hash_table_insert(counts->headers, key64((guint64)header->row << 32 | header->column), header);
    }
}

void mgk_look_counts_part(MgkLook *look)
{
    MgkLookCounts *counts = look->counts;
    g_hash_table_remove_all(counts->ids);
    g_hash_table_remove_all(counts->headers);
    counts->last_row = counts->last_column = 0;
    counts->collection = -1;
    counts->in_phonetic = FALSE;
    if (!look->part->rels)
        return;
    GHashTableIter iter;
    gpointer target = NULL;
    g_hash_table_iter_init(&iter, look->part->rels);
    while (g_hash_table_iter_next(&iter, NULL, &target)) {
        for (guint i = 0; i < counts->tables->len; i++) {
            const Table *table = g_ptr_array_index(counts->tables, i);
            if (strcmp(table->part, target) == 0)
                adopt_table(counts, table);
        }
    }
}

static void check_ids(MgkLook *look, const MgkLookElement *element)
{
    for (gsize i = 0; i < G_N_ELEMENTS(id_rules); i++) {
        if (id_rules[i].ns != element->ns || strcmp(id_rules[i].element, element->local) != 0)
            continue;
        const char *value = mgk_look_value(element, id_rules[i].attribute_ns, id_rules[i].attribute);
        g_autofree char *name = g_strdup_printf("%s/%s", element->local, id_rules[i].attribute);
        if (!value && !id_rules[i].unique)
            mgk_look_deviation(look, "required", name);
        if (!value || !id_rules[i].unique)
            continue;
        g_autofree char *folded = g_utf8_casefold(value, -1);
        char *key = g_strdup_printf("%s=%s", name, folded);
        GHashTable *seen = id_rules[i].scope == SCOPE_PART ? look->counts->ids : look->ids;
        if (!g_hash_table_add(seen, key))
            mgk_look_deviation(look, "unique", key);
    }
}

static void use(Range *range, const char *value)
{
    guint64 untrusted_index = value ? g_ascii_strtoull(value, NULL, 10) : 0;
    if (!value)
        return;
    range->used = TRUE;
    range->highest = MAX(range->highest, untrusted_index);
}

static void check_ranges(MgkLookCounts *counts, const MgkLookElement *element, guint interest)
{
    for (gsize i = 0; (interest & IS_CONTAINER) && i < G_N_ELEMENTS(collections); i++) {
        if (strcmp(element->local, collections[i].container) == 0)
            counts->collection = (int)i;
    }
    if ((interest & IS_ITEM) && counts->collection >= 0 &&
        strcmp(element->local, collections[counts->collection].item) == 0)
        counts->ranges[collections[counts->collection].range].n++;
    for (gsize i = 0; (interest & USES_INDEX) && i < G_N_ELEMENTS(uses); i++) {
        gboolean style_xf = uses[i].range == RANGE_STYLE_XF && counts->collection >= 0 &&
                            collections[counts->collection].range == RANGE_STYLE_XF;
        if (!style_xf && (interest & (guint)FIRST_USE << i))
            use(&counts->ranges[uses[i].range], mgk_look_value(element, MGK_LOOK_NS_NONE, uses[i].attribute));
    }
}

/* "AB12" → column 28, row 12, both from 1; FALSE when it is no cell. */
static gboolean parse_cell(const char *text, guint *ret_row, guint *ret_column)
{
    guint column = 0, row = 0;
    for (; g_ascii_isupper(*text) && column <= 16384; text++)
        column = column * 26 + (guint)(*text - 'A' + 1);
    for (; g_ascii_isdigit(*text) && row <= 1048576; text++)
        row = row * 10 + (guint)(*text - '0');
    *ret_row = row;
    *ret_column = column;
    return column > 0 && row > 0 && column <= 16384 && row <= 1048576 && (*text == '\0' || *text == ':');
}

static void start_cell(MgkLook *look, const MgkLookElement *element)
{
    MgkLookCounts *counts = look->counts;
    const char *type = mgk_look_value(element, MGK_LOOK_NS_NONE, "t");
    g_strlcpy(counts->cell_type, type ? type : "n", sizeof counts->cell_type);
    const char *place = mgk_look_value(element, MGK_LOOK_NS_NONE, "r");
    counts->cell_row = (guint)counts->last_row;
    counts->cell_column = (guint)counts->last_column + 1;
    if (place && (!parse_cell(place, &counts->cell_row, &counts->cell_column) ||
                  counts->cell_column <= counts->last_column || counts->cell_row != counts->last_row))
        mgk_look_deviation(look, "cell-order", place);
    counts->last_column = counts->cell_column;
    g_string_set_size(counts->string, 0);
}

static void start_row(MgkLook *look, const MgkLookElement *element)
{
    MgkLookCounts *counts = look->counts;
    const char *number = mgk_look_value(element, MGK_LOOK_NS_NONE, "r");
    guint64 row = number ? g_ascii_strtoull(number, NULL, 10) : counts->last_row + 1;
    if (row <= counts->last_row)
        mgk_look_deviation(look, "row-order", number);
    counts->last_row = row;
    counts->last_column = 0;
}

static void start_table(MgkLook *look, const MgkLookElement *element)
{
    const char *place = mgk_look_value(element, MGK_LOOK_NS_NONE, "ref");
    const char *rows = mgk_look_value(element, MGK_LOOK_NS_NONE, "headerRowCount");
    Table *table = g_new0(Table, 1);
    table->part = g_strdup(look->part->name);
    table->header_rows = rows ? (guint)g_ascii_strtoull(rows, NULL, 10) : 1;
    table->headers = g_ptr_array_new_with_free_func(header_free);
    if (!place || !parse_cell(place, &table->row, &table->column))
        table->header_rows = 0;
    g_ptr_array_add(look->counts->tables, table);
}

static void start_column(MgkLookCounts *counts, const MgkLookElement *element)
{
    const char *name = mgk_look_value(element, MGK_LOOK_NS_NONE, "name");
    if (!counts->tables->len || !name)
        return;
    Header *header = g_new0(Header, 1);
    header->name = g_strdup(name);
    const Table *table = g_ptr_array_index(counts->tables, counts->tables->len - 1);
    g_ptr_array_add(table->headers, header);
}

guint mgk_look_counts_interest(const MgkLook *look, MgkLookNs ns, const char *local)
{
    guint interest = 0;
    for (gsize i = 0; i < G_N_ELEMENTS(id_rules); i++) {
        if (id_rules[i].ns == ns && strcmp(id_rules[i].element, local) == 0)
            interest |= HAS_ID;
    }
    if (look->family != MGK_LOOK_X || ns != MGK_LOOK_NS_X)
        return interest;
    for (gsize i = 0; i < G_N_ELEMENTS(collections); i++) {
        if (strcmp(collections[i].container, local) == 0)
            interest |= IS_CONTAINER;
        if (strcmp(collections[i].item, local) == 0)
            interest |= IS_ITEM;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(uses); i++) {
        if (strcmp(uses[i].element, local) == 0)
            interest |= USES_INDEX | (guint)FIRST_USE << i;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(parts_of_sheets); i++) {
        if (strcmp(parts_of_sheets[i].local, local) == 0)
            interest |= parts_of_sheets[i].interest;
    }
    return interest;
}

void mgk_look_counts_start(MgkLook *look, const MgkLookElement *element, guint interest)
{
    if (interest & HAS_ID)
        check_ids(look, element);
    if (interest & (IS_CONTAINER | IS_ITEM | USES_INDEX))
        check_ranges(look->counts, element, interest);
    if (interest & IS_CELL)
        start_cell(look, element);
    else if (interest & IS_ROW)
        start_row(look, element);
    else if (interest & IS_TABLE)
        start_table(look, element);
    else if (interest & IS_COLUMN)
        start_column(look->counts, element);
    else if (interest & IS_STRING)
        g_string_set_size(look->counts->string, 0);
    else if (interest & IS_PHONETIC)
        look->counts->in_phonetic = TRUE;
}

/* Line feeds are written _x000a_ in a column's name; compared without white space differences. */
static char *plain_header(const char *text)
{
    GString *plain = g_string_new(NULL);
    for (const char *p = text; *p; p++) {
        guint code = 0;
        if (strlen(p) >= 7 && p[0] == '_' && (p[1] | 32) == 'x' && p[6] == '_') {
            g_autofree char *hex = g_strndup(p + 2, 4);
            code = (guint)g_ascii_strtoull(hex, NULL, 16);
        }
        if (code == '\n' || code == '\r' || code == '\t') {
            p += 6;
            g_string_append_c(plain, ' ');
        } else {
            g_string_append_c(plain, *p == '\n' || *p == '\r' || *p == '\t' ? ' ' : *p);
        }
    }
    return g_string_free(plain, FALSE);
}

static void compare_header(MgkLook *look, const Header *header, const char *shown)
{
    g_autofree char *want = plain_header(header->name), *got = plain_header(shown);
    if (strcmp(want, got) != 0)
        mgk_look_deviation(look, "table-header", header->name);
}

static void end_value(MgkLook *look, const char *text)
{
    MgkLookCounts *counts = look->counts;
    gboolean shared = strcmp(counts->cell_type, "s") == 0;
    if (shared)
        use(&counts->ranges[RANGE_STRING], text);
    guint64 place = (guint64)counts->cell_row << 32 | counts->cell_column;
    Header *header = g_hash_table_size(counts->headers) ? g_hash_table_lookup(counts->headers, &place) : NULL;
    if (!header)
        return;
    header->seen = TRUE;
    if (shared)
        g_hash_table_insert(counts->pending, key64(g_ascii_strtoull(text, NULL, 10)), header);
    else
        compare_header(look, header, text);
}

static void end_string(MgkLook *look)
{
    MgkLookCounts *counts = look->counts;
    guint64 index = counts->ranges[RANGE_STRING].n - 1;
    Header *header = g_hash_table_size(counts->pending) ? g_hash_table_lookup(counts->pending, &index) : NULL;
    if (header)
        compare_header(look, header, counts->string->str);
}

void mgk_look_counts_end(MgkLook *look, guint interest, const char *text)
{
    MgkLookCounts *counts = look->counts;
    if (interest & IS_VALUE)
        end_value(look, text);
    else if ((interest & IS_TEXT) && !counts->in_phonetic && counts->string->len < 65536)
        g_string_append(counts->string, text);
    else if (interest & IS_STRING)
        end_string(look);
    else if (interest & IS_INLINE)
        end_value(look, counts->string->str);
    else if (interest & IS_PHONETIC)
        counts->in_phonetic = FALSE;
    if (interest & IS_CONTAINER)
        counts->collection = -1;
}

void mgk_look_counts_finish(MgkLook *look)
{
    look->part = NULL;
    for (int i = 0; i < N_RANGES; i++) {
        const Range *range = &look->counts->ranges[i];
        if (range->used && range->highest >= range->n)
            mgk_look_deviation(look, "index", range_names[i]);
    }
    for (guint i = 0; i < look->counts->tables->len; i++) {
        const Table *table = g_ptr_array_index(look->counts->tables, i);
        for (guint k = 0; table->header_rows > 0 && k < table->headers->len; k++) {
            const Header *header = g_ptr_array_index(table->headers, k);
            if (!header->seen)
                mgk_look_deviation(look, "table-header", header->name);
        }
    }
}
