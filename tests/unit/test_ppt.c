/* Binary presentations with planted attacks: each leaves a canary that must not come out, and VISIBLE that must. */
#include <check.h>
#include <string.h>

#include "engines/placeholder_image.h"
#include "pictures.h"
#include "planted.h"
#include "ppt_forge.h"

/* A directory of all objects so far and an edit; its place. */
static guint put_edit(GByteArray *out, const guint32 *places, guint n, guint before)
{
    guint at = out->len, start = begin(out, 6002, 0, 0);
    put32(out, 1 | n << 20);
    for (guint i = 0; i < n; i++)
        put32(out, places[i]);
    end(out, start);
    guint edit = out->len;
    start = begin(out, 4085, 0, 0);
    put32(out, 256);
    put32(out, 0x03000000);
    put32(out, before);
    put32(out, at);
    put32(out, 1);
    put32(out, n);
    put32(out, 1);
    end(out, start);
    return edit;
}

static GByteArray *forge_stream(const Forge *forge, guint *ret_edit)
{
    GByteArray *out = g_byte_array_new();
    guint32 places[3] = {0};
    guint n = 2, edit = 0;
    for (guint i = 0; i <= forge->edits; i++) {
        places[0] = out->len;
        put_document(out, forge);
        places[1] = out->len;
        put_slide(out, forge);
        if (i < forge->edits)
            put(out, 4000, 0, 0, BYTES("C\0A\0N\0A\0R\0Y\0"));
        if (forge->plant && forge->plant->where == OBJECT) {
            places[n++] = out->len;
            plant_here(out, forge->plant, OBJECT);
        }
        edit = put_edit(out, places, n, edit);
    }
    *ret_edit = edit;
    return out;
}

static GByteArray *user_stream(guint32 token, guint32 edit)
{
    GByteArray *out = g_byte_array_new();
    guint start = begin(out, 4086, 0, 0);
    put32(out, 20);
    put32(out, token);
    put32(out, edit);
    put32(out, 6 | 0x03f40000u);
    put32(out, 3);
    g_byte_array_append(out, (const guint8 *)"CANARY", 6);
    put32(out, 8);
    end(out, start);
    return out;
}

static GByteArray *pack(const Forge *forge, const GByteArray *stream, const GByteArray *user)
{
    static const guint8 class_id[16] = {0x10, 0x8d, 0x81, 0x64, 0x9b, 0x4f, 0xcf, 0x11,
                                        0x86, 0xea, 0x00, 0xaa, 0x00, 0xb9, 0x29, 0xe8};
    g_autoptr(MgkCfbWriter) writer = mgk_cfb_writer_new(class_id);
    mgk_cfb_writer_add(writer, "PowerPoint Document", stream->data, stream->len);
    mgk_cfb_writer_add(writer, "Current User", user->data, user->len);
    if (forge->blip)
        mgk_cfb_writer_add(writer, "Pictures", forge->blip->data, forge->blip->len);
    if (forge->plant && forge->plant->where == STREAM)
        mgk_cfb_writer_add(writer, forge->plant->data, (const guint8 *)"CANARY", 6);
    return mgk_cfb_writer_finish(writer, NULL);
}

static GByteArray *forge_file(const Forge *forge)
{
    guint edit = 0;
    g_autoptr(GByteArray) stream = forge_stream(forge, &edit);
    g_autoptr(GByteArray) user = user_stream(0xe391c05f, edit);
    return pack(forge, stream, user);
}

static gboolean holds(const GByteArray *bytes, const char *text, gsize size)
{
    return memmem(bytes->data, bytes->len, text, size) != NULL;
}

/* Records inside a plant: their headers in bytes. 0x0fba is a text, 0x0fd3 a link's number, 0x0ff3 an action. */
#define STRING(instance, size) instance "\0\xba\x0f" size "\0\0\0"
#define LINK_ID "\0\0\xd3\x0f\4\0\0\0\1\0\0\0"
#define ACTION(bytes) "\0\0\xf3\x0f\x10\0\0\0" bytes
#define FILE_URL "f\0i\0l\0e\0:\0/\0/\0" WIDE
#define SCRIPT_URL "j\0s\0:\0" WIDE

static const char show_info[80] = {[12] = 'a', [20] = 'C', 'A', 'N', 'A', 'R', 'Y'};
static const char font_entity[68] = {[0] = 'a', [20] = 'C', 'A', 'N', 'A', 'R', 'Y'};

static const Plant plants[] = {
    {"macros", IN_LIST, 1023, 15, 1, BYTES("\2\0\0\4\x0c\0\0\0\7\0\0\0\1\0\0\0\2\0\0\0CANARY"), MGK_KIND_MACRO_VBA},
    {"a storage of macros", OBJECT, 4113, 0, 0, BYTES("CANARY"), MGK_KIND_OLE_OBJECT},
    {"a storage of an object", OBJECT, 4113, 0, 1, BYTES("\6\0\0\0CANARY"), MGK_KIND_OLE_OBJECT},
    {"a slide that nothing names", OBJECT, 1006, 15, 0, BYTES("\0\0\xa8\x0f\6\0\0\0CANARY"), -1},
    {"an embedded object", IN_LINKS, 4044, 15, 0, BYTES("\0\0\xcd\x0f\6\0\0\0CANARY"), MGK_KIND_OLE_OBJECT},
    {"a linked object", IN_LINKS, 4046, 15, 0, BYTES("\0\0\xd1\x0f\6\0\0\0CANARY"), MGK_KIND_EXTERNAL_CONTENT},
    {"a control", IN_LINKS, 4078, 15, 0, BYTES("\0\0\xfb\x0f\6\0\0\0CANARY"), MGK_KIND_ACTIVEX},
    {"a film", IN_LINKS, 4102, 15, 0, BYTES("\0\0\xba\x0f\6\0\0\0CANARY"), MGK_KIND_MEDIA},
    {"a sound file", IN_LINKS, 4112, 15, 0, BYTES("\0\0\xba\x0f\6\0\0\0CANARY"), MGK_KIND_MEDIA},
    {"a link to a file", IN_LINKS, 4055, 15, 0, BYTES(LINK_ID STRING("\x10", "\x1a") FILE_URL),
     MGK_KIND_LINK_DANGEROUS},
    {"a link that runs", IN_LINKS, 4055, 15, 0, BYTES(LINK_ID STRING("\x10", "\x12") SCRIPT_URL),
     MGK_KIND_LINK_DANGEROUS},
    {"a program named as a link", IN_LINKS, 4055, 15, 0, BYTES(LINK_ID STRING("\x10", "\x0c") WIDE),
     MGK_KIND_LINK_DANGEROUS},
    {"a link with a place that is no slide", IN_LINKS, 4055, 15, 0, BYTES(LINK_ID STRING("\x30", "\x0c") WIDE),
     MGK_KIND_LINK_DANGEROUS},
    {"what stands behind the name of a show", IN_DOCUMENT, 1025, 1, 0, show_info, sizeof show_info, -1},
    {"what stands behind the name of a font", IN_FONTS, 4023, 0, 1, font_entity, sizeof font_entity, -1},
    {"an unknown object", IN_LINKS, 4999, 15, 0, BYTES("CANARY"), -1},
    {"sounds", IN_DOCUMENT, 2020, 15, 5, BYTES("\0\0\xe7\x07\6\0\0\0CANARY"), MGK_KIND_MEDIA},
    {"a routing slip", IN_DOCUMENT, 1030, 0, 0, BYTES("CANARY"), MGK_KIND_METADATA},
    {"an unknown record", IN_DOCUMENT, 1999, 0, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"an unknown container", IN_DOCUMENT, 1998, 15, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"a record that is cut off", IN_DOCUMENT, 1010, 15, 0, BYTES("\0\0\xb7\x0f\x44\0\0\0CANARY"),
     MGK_KIND_UNKNOWN_PART},
    {"a record of a wrong length", IN_DOCUMENT, 6000, 0, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"styles as a package of XML", IN_DOCUMENT, 1064, 0, 0, BYTES("PK\3\4CANARY"), -1},
    {"a theme as a package of XML", IN_SLIDE, 1038, 0, 0, BYTES("PK\3\4CANARY"), -1},
    {"a slide of a library", IN_SLIDE, 0x3714, 15, 0, BYTES("CANARY"), MGK_KIND_EXTERNAL_CONTENT},
    {"a record of the document in a slide", IN_SLIDE, 1030, 0, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"an embedded font", IN_FONTS, 4024, 0, 0, BYTES("CANARY"), MGK_KIND_EMBEDDED_FONT},
    {"tags of a program", IN_SLIDE, 5000, 15, 0, BYTES(HEAD("\x89", "\x13", "\x0e") "\0\0\xba\x0f\6\0\0\0CANARY"),
     MGK_KIND_DOCUMENT_VARIABLES},
    {"data of another program", IN_SLIDE, 5000, 15, 0,
     BYTES(HEAD("\x8a", "\x13", "\x22") STRING("\0", "\x0c") WIDE "\0\0\x8b\x13\6\0\0\0CANARY"),
     MGK_KIND_DOCUMENT_VARIABLES},
    {"a click that starts a macro", IN_CLIENT, 4082, 15, 0,
     BYTES(ACTION("\0\0\0\0\0\0\0\0\1\0\0\0\xff\0\0\0") STRING("\x20", "\x0c") WIDE), MGK_KIND_MACRO_ACTION},
    {"pointing that runs a program", IN_CLIENT, 4082, 15, 1,
     BYTES(ACTION("\0\0\0\0\1\0\0\0\2\0\0\0\xff\0\0\0") "CANARY"), MGK_KIND_MACRO_ACTION},
    {"a click for an object", IN_CLIENT, 4082, 15, 0, BYTES(ACTION("\0\0\0\0\0\0\0\0\5\1\0\0\xff\0\0\0") "CANARY"),
     MGK_KIND_MACRO_ACTION},
    {"a click with a sound", IN_CLIENT, 4082, 15, 0, BYTES(ACTION("\7\0\0\0\0\0\0\0\0\0\0\0\xff\0\0\0") "CANARY"),
     MGK_KIND_MEDIA},
    {"a click on a link that is not there", IN_CLIENT, 4082, 15, 0,
     BYTES(ACTION("\0\0\0\0\x63\0\0\0\4\0\0\0\x09\0\0\0") "CANARY"), -1},
    {"a text that starts a macro", IN_TEXT, 4082, 15, 0,
     BYTES(ACTION("\0\0\0\0\0\0\0\0\1\0\0\0\xff\0\0\0") STRING("\x20", "\x0c") WIDE), MGK_KIND_MACRO_ACTION},
    {"a bookmark of a text", IN_TEXT, 4007, 0, 0, BYTES("CANARY"), -1},
    {"properties of a text that are cut off", IN_TEXT, 4001, 0, 0, BYTES("\1\0\0\0\0\0\0\xf8\0\0CANARY"),
     MGK_KIND_UNKNOWN_PART},
    {"bytes behind the properties of a text", IN_TEXT, 4010, 0, 0, BYTES("\x08\0\0\0\0\0\0\0CANARY"), -1},
    {"smart tags in a text", IN_TEXT, 4010, 0, 0, BYTES("\x08\0\0\0\0\2\0\0\2\0\0\0CANARYxx"), -1},
    {"an unknown record in a text", IN_TEXT, 4999, 0, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"the object behind a shape", IN_CLIENT, 3009, 0, 0, BYTES("CANARY"), -1},
    {"a package of XML behind a shape", IN_SHAPE, 0xf122, 3, 1, BYTES("\xa9\xc3\x0a\0\0\0PK\3\4CANARY"), -1},
    {"a name of a picture", IN_SHAPE, 0xf00b, 3, 1, BYTES("\x05\xc1\x06\0\0\0CANARY"), -1},
    {"a picture from elsewhere", IN_SHAPE, 0xf00b, 3, 2, BYTES("\x05\xc1\x06\0\0\0\x06\1\x0a\0\0\0CANARY"),
     MGK_KIND_EXTERNAL_CONTENT},
    {"a script of a shape", IN_SHAPE, 0xf122, 3, 1, BYTES("\x8e\x83\x06\0\0\0CANARY"), -1},
    {"a link of a shape", IN_SHAPE, 0xf00b, 3, 1, BYTES("\x82\x83\x06\0\0\0CANARY"), -1},
    {"RTF of WordArt", IN_SHAPE, 0xf00b, 3, 1, BYTES("\xc1\x80\x06\0\0\0CANARY"), -1},
    {"an array that lies about its length", IN_SHAPE, 0xf00b, 3, 1, BYTES("\x45\x81\x0c\0\0\0\xff\xff\0\0\x08\0CANARY"),
     -1},
    {"a number that is a text", IN_SHAPE, 0xf00b, 3, 1, BYTES("\x81\x81\x06\0\0\0CANARY"), -1},
    {"bytes behind the properties of a shape", IN_SHAPE, 0xf00b, 3, 1, BYTES("\x81\1\xff\0\0\0CANARY"), -1},
    {"a property twice", IN_SHAPE, 0xf122, 3, 2, BYTES("\x80\x83\2\0\0\0\x80\x83\x06\0\0\0a\0CANARY"), -1},
    {"properties that are cut off", IN_SHAPE, 0xf00b, 3, 0xfff, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"a property of the group that is cut off", IN_GROUP, 0xf00b, 3, 1,
     BYTES("\x80\x83\xff\xff\xff\xff"
           "CANARY"),
     MGK_KIND_UNKNOWN_PART},
    {"an unknown record of a drawing", IN_SHAPE, 0xf1ff, 0, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"an effect that orders an object", IN_EFFECTS, 0xf144, 15, 1,
     BYTES(HEAD("\x32", "\xf1", "\x0e") "\0\0\x42\xf1\6\0\0\0CANARY"), MGK_KIND_MEDIA},
    {"an effect on a sound", IN_EFFECTS, 0xf144, 15, 1,
     BYTES(HEAD("\x3c", "\xf1", "\x1c") "\0\0\xfb\x2a\x14\0\0\0\2\0\0\0\3\0\0\0CANARYCANARY"), MGK_KIND_MEDIA},
    {"an effect with an unknown value", IN_EFFECTS, 0xf144, 15, 1,
     BYTES(HEAD("\x3d", "\xf1", "\x0f") "\0\0\x42\xf1\7\0\0\0\x09"
                                        "CANARY"),
     MGK_KIND_UNKNOWN_PART},
    {"a mail's head", IN_EFFECTS, 6021, 0, 0, BYTES("CANARY"), MGK_KIND_METADATA},
    {"a broadcast", IN_EFFECTS, 6014, 15, 0, BYTES("CANARY"), MGK_KIND_EXTERNAL_CONTENT},
    {"changes of a review", IN_EFFECTS, 12012, 15, 0, BYTES("CANARY"), MGK_KIND_OLD_VERSION},
    {"an unknown record of a tag", IN_EFFECTS, 4999, 0, 0, BYTES("CANARY"), MGK_KIND_UNKNOWN_PART},
    {"VBA", STREAM, 0, 0, 0, BYTES("_VBA_PROJECT"), MGK_KIND_MACRO_VBA},
    {"an object's stream", STREAM, 0, 0, 0, BYTES("\1Ole10Native"), MGK_KIND_OLE_OBJECT},
    {"a stream nobody knows", STREAM, 0, 0, 0, BYTES("Stray"), MGK_KIND_UNKNOWN_PART},
};

static void judge(const FakeRun *run, const char *label)
{
    static const char wide[] = "C\0A\0N\0A\0R\0Y";
    ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED, "%s: %d %s", label, run->outcome.verdict,
                  run->outcome.detail);
    ck_assert_msg(!holds(run->output, "CANARY", 6) && !holds(run->output, wide, sizeof wide - 1),
                  "%s: the canary came out", label);
    ck_assert_msg(holds(run->output, "VISIBLE", 7), "%s: text lost", label);
    g_autoptr(FakeRun) again = planted_clean(run->output, "a.ppt");
    ck_assert_msg(again->output->len == run->output->len &&
                      memcmp(again->output->data, run->output->data, run->output->len) == 0,
                  "%s: cleaning again changes it", label);
}

START_TEST(test_ppt__planted_attacks_go)
{
    for (guint i = 0; i < G_N_ELEMENTS(plants); i++) {
        Forge forge = {.plant = &plants[i]};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
        judge(run, plants[i].label);
        ck_assert_msg(plants[i].kind < 0 || fake_run_found(run, (MgkKind)plants[i].kind), "%s: not reported",
                      plants[i].label);
        if (plants[i].where == IN_LINKS) {
            forge.linked = TRUE;
            g_autoptr(GByteArray) other = forge_file(&forge);
            g_autoptr(FakeRun) second = planted_clean(other, "a.ppt");
            judge(second, plants[i].label);
        }
    }
}
END_TEST

/* A rebuilt file with the plant put in again, in the place of a record of the same size: what the second look is for.
 */
static GByteArray *rebuilt_with(const Plant *plant)
{
    Forge forge = {.plant = plant};
    guint edit = 0;
    GByteArray *user = g_byte_array_new();
    g_autoptr(GByteArray) stream = forge_stream(&forge, &edit);
    static const guint8 start[] = {0, 0, 0xf6, 0x0f, 45, 0, 0, 0, 20, 0, 0, 0, 0x5f, 0xc0, 0x91, 0xe3};
    g_byte_array_append(user, start, sizeof start);
    put32(user, edit);
    put32(user, 7 | 0x03f40000u);
    put32(user, 3);
    g_byte_array_append(user, (const guint8 *)"mugaika", 7);
    put32(user, 8);
    g_byte_array_append(user, (const guint8 *)"m\0u\0g\0a\0i\0k\0a\0", 14);
    GByteArray *file = pack(&forge, stream, user);
    g_byte_array_unref(user);
    return file;
}

START_TEST(test_ppt__second_look_sees_planted_attacks)
{
    static const char *const blind[] = {
        /* what the bytes of an allowed record mean, or what only our writer leaves out */
        "properties of a text that",
        "bytes behind the properties of a text",
        "smart tags",
        "what stands behind",
        "a link with a place",
        "a property twice"};
    for (guint i = 0; i < G_N_ELEMENTS(plants); i++) {
        gboolean skip = FALSE;
        for (guint k = 0; k < G_N_ELEMENTS(blind); k++)
            skip = skip || g_str_has_prefix(plants[i].label, blind[k]);
        if (skip)
            continue;
        g_autoptr(GByteArray) file = rebuilt_with(&plants[i]);
        g_autoptr(FakeRun) run = fake_run_new();
        g_autoptr(GError) error = NULL;
        ck_assert_msg(!fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_ppt, &error), "%s: not seen",
                      plants[i].label);
    }
    g_autoptr(GByteArray) file = rebuilt_with(NULL);
    g_autoptr(FakeRun) run = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert_msg(fake_run_check(run, file->data, file->len, MGK_FORMAT_ID_ppt, &error), "%s",
                  error ? error->message : "");
}
END_TEST

START_TEST(test_ppt__links_to_the_web_and_to_slides_stay)
{
    static const struct {
        const char *label, *data;
        gsize size;
        gboolean web;
    } rows[] = {{"web", BYTES(LINK_ID STRING("\x10", "\x18") "h\0t\0t\0p\0:\0/\0/\0a\0.\0j\0p\0/\0"), TRUE},
                {"mail", BYTES(LINK_ID STRING("\x10", "\x14") "m\0a\0i\0l\0t\0o\0:\0a\0@\0b\0"), TRUE},
                {"slide", BYTES(LINK_ID STRING("\x30", "\x0e") "2\0005\0006\0,\0001\0,\0A\0"), FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Plant plant = {rows[i].label, IN_LINKS, 4055, 15, 0, rows[i].data, rows[i].size, -1};
        Forge forge = {.plant = &plant, .linked = TRUE};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
        judge(run, rows[i].label);
        ck_assert_msg(holds(run->output, rows[i].data, rows[i].size), "%s: lost", rows[i].label);
        ck_assert_msg(holds(run->output, "\0\0\xf3\x0f\x10\0\0\0", 8), "%s: its click is lost", rows[i].label);
        ck_assert_int_eq(fake_run_found(run, MGK_KIND_LINK_EXTERNAL), rows[i].web);
    }
}
END_TEST

/* Two links of one number: what is written is the one that was judged. */
START_TEST(test_ppt__of_two_links_with_one_number_one_stays)
{
    static const char both[] = LINK_ID STRING("\x10", "\x0c") WIDE /* then the header of another link */
        "\x0f\0\xd7\x0f\x2c\0\0\0" LINK_ID STRING("\x10", "\x18") "h\0t\0t\0p\0:\0/\0/\0a\0.\0j\0p\0/\0";
    Plant plant = {"two links", IN_LINKS, 4055, 15, 0, both, sizeof both - 1, MGK_KIND_LINK_DANGEROUS};
    Forge forge = {.plant = &plant, .linked = TRUE};
    guint edit = 0;
    g_autoptr(GByteArray) stream = forge_stream(&forge, &edit);
    guint8 *first = memmem(stream->data, stream->len, "\x0f\0\xd7\x0f", 4);
    first[4] = 12 + 8 + 12; /* the first ends before the second */
    g_autoptr(GByteArray) user = user_stream(0xe391c05f, edit);
    g_autoptr(GByteArray) file = pack(&forge, stream, user);
    g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
    judge(run, "two links");
    ck_assert(holds(run->output, "h\0t\0t\0p\0:", 9) && fake_run_found(run, MGK_KIND_LINK_DANGEROUS));
}
END_TEST

START_TEST(test_ppt__earlier_states_go)
{
    Forge forge = {.edits = 3};
    g_autoptr(GByteArray) file = forge_file(&forge);
    g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
    judge(run, "edits");
    ck_assert(fake_run_found(run, MGK_KIND_OLD_VERSION));
    Forge hidden = {.hidden = 4};
    g_autoptr(GByteArray) other = forge_file(&hidden);
    g_autoptr(FakeRun) second = planted_clean(other, "a.ppt");
    judge(second, "hidden");
    ck_assert(fake_run_found(second, MGK_KIND_HIDDEN_SLIDE));
}
END_TEST

/* A comment stays or goes with its author's name, as the policy says. */
START_TEST(test_ppt__comments_by_policy)
{
    static const char data[] =
        STRING("\0", "\2") "A\0" STRING("\x10", "\x12") "R\0E\0M\0A\0R\0K\0A\0B\0C\0"
                                                        "\0\0\xe1\x2e\x1c\0\0\0\1\0\0\0aaaabbbbccccddddeeeeffff";
    Plant plant = {"a comment", IN_EFFECTS, 12000, 15, 0, data, sizeof data - 1, MGK_KIND_COMMENT};
    Forge forge = {.plant = &plant};
    g_autoptr(GByteArray) file = forge_file(&forge);
    g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
    judge(run, "a comment");
    ck_assert(holds(run->output, "R\0E\0M\0A\0R\0K", 11) && fake_run_found(run, MGK_KIND_COMMENT));
    g_autoptr(FakeRun) without = fake_run_new();
    g_autoptr(GError) error = NULL;
    without->policy.actions[MGK_KIND_COMMENT] = MGK_ACTION_REMOVE;
    ck_assert(fake_run_clean(without, file->data, file->len, "a.ppt", MGK_FORMAT_ID_NONE, &error));
    ck_assert(!holds(without->output, "R\0E\0M\0A\0R\0K", 11) && holds(without->output, "VISIBLE", 7));
}
END_TEST

/* ---- pictures ---- */

static GByteArray *blip(guint type, guint instance, gsize ids, const void *head, gsize head_size, const void *data,
                        gsize size)
{
    GByteArray *out = g_byte_array_new();
    guint start = begin(out, type, 0, instance);
    g_byte_array_append(out, zeros, (guint)ids);
    g_byte_array_append(out, head, (guint)head_size);
    g_byte_array_append(out, data, (guint)size);
    end(out, start);
    return out;
}

static const guint8 not_packed[34] = {1, 0, 0, 0, [32] = 0xfe, 0xfe};

START_TEST(test_ppt__pictures_are_rebuilt)
{
    g_autoptr(GByteArray) png = picture_png(MGK_RASTER_RGB, 8, 8, 8),
                          jpeg = picture_jpeg(MGK_RASTER_RGB, 16, 16, 90, 1);
    g_autoptr(GBytes) wmf = mgk_placeholder_image(MGK_FORMAT_ID_wmf, 64, 64);
    g_autoptr(GBytes) emf = mgk_placeholder_image(MGK_FORMAT_ID_emf, 64, 64);
    static const guint8 dib[] = {40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 0, 0,
                                 0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 1, 2, 3, 0};
    gsize wmf_size = 0, emf_size = 0;
    const guint8 *wmf_data = g_bytes_get_data(wmf, &wmf_size), *emf_data = g_bytes_get_data(emf, &emf_size);
    picture_add_chunk(png, "tEXt", "a\0CANARY", 8);
    picture_add_segment(jpeg, 0xfe, "CANARY", 6);
    struct {
        const char *label;
        GByteArray *blip;
        const char *want;
        gboolean replaced;
    } rows[] = {
        {"png", blip(0xf01e, 0x6e0, 16, "\xff", 1, png->data, png->len), "\x00\x6e\x1e\xf0", FALSE},
        {"png, two ids", blip(0xf01e, 0x6e1, 32, "\xff", 1, png->data, png->len), "\x00\x6e\x1e\xf0", FALSE},
        {"jpeg", blip(0xf01d, 0x46a, 16, "\xff", 1, jpeg->data, jpeg->len), "\xa0\x46\x1d\xf0", FALSE},
        {"bitmap", blip(0xf01f, 0x7a8, 16, "\xff", 1, dib, sizeof dib), "\x00\x6e\x1e\xf0", FALSE},
        {"wmf", blip(0xf01b, 0x216, 16, not_packed, 34, wmf_data + 22, wmf_size - 22), "\x60\x21\x1b\xf0", FALSE},
        {"emf", blip(0xf01a, 0x3d4, 16, not_packed, 34, emf_data, emf_size), "\x40\x3d\x1a\xf0", FALSE},
        {"pict", blip(0xf01c, 0x542, 16, not_packed, 34, "CANARYCANARY", 12), "\x00\x6e\x1e\xf0", TRUE},
        {"no png", blip(0xf01e, 0x6e0, 16, "\xff", 1, "CANARYCANARY", 12), "\x00\x6e\x1e\xf0", TRUE},
        {"packed badly", blip(0xf01a, 0x3d4, 16, "\4\0\0\0", 4, "CANARYCANARYCANARYCANARYCANARYCANARY", 36),
         "\x00\x6e\x1e\xf0", TRUE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Forge forge = {.blip = rows[i].blip};
        g_autoptr(GByteArray) file = forge_file(&forge);
        g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
        if (strcmp(rows[i].label, "jpeg") != 0) /* each generation of a JPEG is a little different */
            judge(run, rows[i].label);
        ck_assert_msg(!holds(run->output, "CANARY", 6), "%s: the canary came out", rows[i].label);
        ck_assert_msg(holds(run->output, rows[i].want, 4), "%s: not there", rows[i].label);
        ck_assert_msg(fake_run_found(run, MGK_KIND_IMAGE_REPLACED) == rows[i].replaced, "%s: replaced", rows[i].label);
        g_byte_array_unref(rows[i].blip);
    }
}
END_TEST

/* ---- the files of fixtures/ppt ---- */

static FakeRun *clean_fixture(const char *name, const char *password)
{
    g_autofree char *path = g_build_filename(FIXTURES, "ppt", name, NULL);
    g_autofree char *data = NULL;
    gsize size = 0;
    FakeRun *run = fake_run_new();
    ck_assert(g_file_get_contents(path, &data, &size, NULL));
    run->password = password;
    ck_assert(fake_run_clean(run, (const guint8 *)data, size, name, MGK_FORMAT_ID_NONE, NULL));
    return run;
}

START_TEST(test_ppt__a_hostile_file_keeps_what_is_seen)
{
    static const MgkKind kinds[] = {MGK_KIND_MACRO_VBA,   MGK_KIND_LINK_DANGEROUS,    MGK_KIND_OLE_OBJECT,
                                    MGK_KIND_MEDIA,       MGK_KIND_MACRO_ACTION,      MGK_KIND_EXTERNAL_CONTENT,
                                    MGK_KIND_OLD_VERSION, MGK_KIND_DOCUMENT_VARIABLES};
    g_autoptr(FakeRun) run = clean_fixture("hostile.ppt", NULL);
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_CLEANED);
    ck_assert(!holds(run->output, "CANARY", 6) && !holds(run->output, WIDE, 12));
    ck_assert(holds(run->output, "\x8b\x89\x48\x30\x8b\x30", 6)); /* 見える */
    ck_assert_uint_eq(run->outcome.format, MGK_FORMAT_ID_ppt);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        ck_assert_msg(fake_run_found(run, kinds[i]), "%s", mgk_kind_info(kinds[i])->name);
}
END_TEST

START_TEST(test_ppt__its_text_in_reading_order)
{
    g_autoptr(FakeRun) run = clean_fixture("notice.ppt", NULL), text = fake_run_new();
    g_autoptr(GError) error = NULL;
    ck_assert(fake_run_text(text, run->output->data, run->output->len, MGK_FORMAT_ID_ppt, &error));
    static const char want[] = "\xef\xbb\xbf【1】\r\n令和８年度　町民説明会\r\n\r\n発表者のメモ：﨑山さんに渡す\r\n";
    ck_assert_msg(text->output->len == sizeof want - 1 && memcmp(text->output->data, want, sizeof want - 1) == 0,
                  "got %.*s", (int)text->output->len, (const char *)text->output->data);
}
END_TEST

START_TEST(test_ppt__passwords_open)
{
    static const struct {
        const char *file, *password;
        MgkReason reason;
    } rows[] = {{"notice.ppt", NULL, MGK_REASON_NONE},          {"locked.ppt", "himitsu", MGK_REASON_NONE},
                {"locked-own.pps", NULL, MGK_REASON_NONE},      {"locked.ppt", NULL, MGK_REASON_ENCRYPTED},
                {"locked.ppt", "x", MGK_REASON_WRONG_PASSWORD}, {"old.ppt", NULL, MGK_REASON_UNSUPPORTED_FORMAT}};
    g_autoptr(FakeRun) plain = clean_fixture("notice.ppt", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(FakeRun) run = clean_fixture(rows[i].file, rows[i].password);
        ck_assert_msg(run->outcome.reason == rows[i].reason, "%s: %s", rows[i].file,
                      mgk_reason_name(run->outcome.reason));
        if (rows[i].reason != MGK_REASON_NONE)
            continue;
        ck_assert_msg(run->output->len == plain->output->len &&
                          memcmp(run->output->data, plain->output->data, plain->output->len) == 0,
                      "%s: another file than without password", rows[i].file);
        ck_assert_int_eq(fake_run_found(run, MGK_KIND_DOCUMENT_UNLOCKED), i > 0);
    }
}
END_TEST

/* ---- what makes no sense ---- */

START_TEST(test_ppt__objects_in_objects_are_held)
{
    static const struct {
        const char *label;
        guint slides;
        guint32 number; /* of the slide, as the list says */
    } rows[] = {{"a slide twice", 2, 2}, {"a slide that is not there", 1, 9}, {"the document as a slide", 1, 1}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        Forge forge = {.slides = rows[i].slides};
        guint edit = 0;
        g_autoptr(GByteArray) stream = forge_stream(&forge, &edit);
        g_autoptr(GByteArray) user = user_stream(0xe391c05f, edit);
        guint8 *persist = memmem(stream->data, stream->len, "\0\0\xf3\x03\x14\0\0\0\2", 9);
        ck_assert_ptr_nonnull(persist);
        persist[8] = (guint8)rows[i].number;
        g_autoptr(GByteArray) file = pack(&forge, stream, user);
        g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == MGK_REASON_MALFORMED, "%s: %d",
                      rows[i].label, run->outcome.verdict);
    }
}
END_TEST

START_TEST(test_ppt__edits_in_a_circle_are_held)
{
    Forge forge = {0};
    guint edit = 0;
    g_autoptr(GByteArray) stream = forge_stream(&forge, &edit);
    set32(stream, edit + 16, edit);
    const struct {
        guint32 token, edit;
    } rows[] = {{0xe391c05f, edit}, {0xe391c05f, 0}, {0xe391c05f, 0xfffffff0}, {1, edit}, {0xf3d1c4df, edit}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) user = user_stream(rows[i].token, rows[i].edit);
        g_autoptr(GByteArray) file = pack(&forge, stream, user);
        g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == MGK_REASON_MALFORMED,
                      "row %u: %d %s", i, run->outcome.verdict, run->outcome.detail);
    }
}
END_TEST

START_TEST(test_ppt__records_too_deep_are_held)
{
    g_autoptr(GByteArray) groups = g_byte_array_new();
    guint starts[100];
    for (guint i = 0; i < G_N_ELEMENTS(starts); i++)
        starts[i] = begin(groups, 0xf144, 15, 1);
    for (guint i = G_N_ELEMENTS(starts); i > 0; i--)
        end(groups, starts[i - 1]);
    Plant plant = {"times in times", IN_EFFECTS, 0xf144, 15, 1, (const char *)groups->data, groups->len, -1};
    Forge forge = {.plant = &plant};
    g_autoptr(GByteArray) file = forge_file(&forge);
    g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
    ck_assert_uint_eq(run->outcome.verdict, MGK_VERDICT_HELD);
    ck_assert_uint_eq(run->outcome.reason, MGK_REASON_MALFORMED);
}
END_TEST

START_TEST(test_ppt__damage_never_crashes)
{
    g_autoptr(GByteArray) png = picture_png(MGK_RASTER_RGB, 8, 8, 8);
    g_autoptr(GByteArray) picture = blip(0xf01e, 0x6e0, 16, "\xff", 1, png->data, png->len);
    Plant plant = {
        "web", IN_LINKS, 4055, 15, 0, BYTES(LINK_ID STRING("\x10", "\x18") "h\0t\0t\0p\0:\0/\0/\0a\0.\0j\0p\0/\0"), -1};
    Forge forge = {.blip = picture, .plant = &plant, .linked = TRUE};
    guint edit = 0;
    g_autoptr(GByteArray) stream = forge_stream(&forge, &edit);
    g_autoptr(GByteArray) user = user_stream(0xe391c05f, edit);
    for (guint i = 0; i < stream->len; i++) {
        guint8 was = stream->data[i];
        stream->data[i] ^= 0xff;
        g_autoptr(GByteArray) file = pack(&forge, stream, user);
        stream->data[i] = was;
        g_autoptr(FakeRun) run = planted_clean(file, "a.ppt");
        ck_assert_msg(run->outcome.verdict == MGK_VERDICT_CLEANED ||
                          (run->outcome.verdict == MGK_VERDICT_HELD && run->outcome.reason == MGK_REASON_MALFORMED),
                      "byte %u: %d %s", i, run->outcome.verdict, run->outcome.detail);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ppt");
    TCase *cases = tcase_create("ppt");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, test_ppt__planted_attacks_go);
    tcase_add_test(cases, test_ppt__second_look_sees_planted_attacks);
    tcase_add_test(cases, test_ppt__links_to_the_web_and_to_slides_stay);
    tcase_add_test(cases, test_ppt__of_two_links_with_one_number_one_stays);
    tcase_add_test(cases, test_ppt__earlier_states_go);
    tcase_add_test(cases, test_ppt__comments_by_policy);
    tcase_add_test(cases, test_ppt__pictures_are_rebuilt);
    tcase_add_test(cases, test_ppt__a_hostile_file_keeps_what_is_seen);
    tcase_add_test(cases, test_ppt__its_text_in_reading_order);
    tcase_add_test(cases, test_ppt__passwords_open);
    tcase_add_test(cases, test_ppt__objects_in_objects_are_held);
    tcase_add_test(cases, test_ppt__edits_in_a_circle_are_held);
    tcase_add_test(cases, test_ppt__records_too_deep_are_held);
    tcase_add_test(cases, test_ppt__damage_never_crashes);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
