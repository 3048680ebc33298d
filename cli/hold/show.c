#include "show.h"

#include "model/names.h"
#include "model/words.h"
#include "store/hold_wire.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS 30

void mgk_show_json(GVariant *answer)
{
    g_autofree char *text = json_gvariant_serialize_data(answer, NULL);
    puts(text);
}

/* A stranger's text, made safe for a terminal. */
static void print_field(const char *label, const char *text)
{
    g_autofree char *shown = mgk_names_display(text, -1, 0);
    if (*text)
        printf("  %s: %s\n", mgk_words(label), shown);
}

static void print_record_line(GVariant *row)
{
    g_autofree char *sender = mgk_names_display(mgk_hold_text(row, "sender"), -1, COLUMNS);
    g_autofree char *subject = mgk_names_display(mgk_hold_text(row, "subject"), -1, COLUMNS + 10);
    g_autofree char *time = g_strndup(mgk_hold_text(row, "time"), 16);
    const char *reason = mgk_hold_text(row, "reason");
    printf("%s  %s  %s%s  %s%s%s  %s  %s\n", mgk_hold_text(row, "id"), time, mgk_hold_text(row, "state"),
           mgk_hold_flag(row, "frozen") ? mgk_words(N_(" (evidence)")) : "", mgk_hold_text(row, "verdict"),
           *reason ? "/" : "", reason, sender, subject);
}

void mgk_show_records(GVariant *rows)
{
    for (gsize i = 0; i < g_variant_n_children(rows); i++) {
        g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
        print_record_line(row);
    }
}

static void print_part(GVariant *part)
{
    g_autofree char *name = mgk_names_display(mgk_hold_text(part, "name"), -1, 0);
    const char *reason = mgk_hold_text(part, "reason");
    printf("  - %s  %s  %s%s%s\n", name, mgk_hold_text(part, "format"), mgk_hold_text(part, "verdict"),
           *reason ? "/" : "", reason);
}

static void print_list(GVariant *answer, const char *name, void (*print)(GVariant *row))
{
    g_autoptr(GVariant) rows = g_variant_lookup_value(answer, name, G_VARIANT_TYPE("aa{sv}"));
    for (gsize i = 0; rows && i < g_variant_n_children(rows); i++) {
        g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
        print(row);
    }
}

static void print_request(GVariant *row)
{
    g_autofree char *reason = mgk_names_display(mgk_hold_text(row, "reason"), -1, 0);
    printf(mgk_words(N_("Request %llu for %s: %s, by %s, until %s%s\n")),
           (unsigned long long)mgk_hold_number(row, "number"), mgk_hold_text(row, "record"),
           mgk_hold_text(row, "state"), mgk_hold_text(row, "person"), mgk_hold_text(row, "expires"),
           mgk_hold_flag(row, "unreported") ? mgk_words(N_(" (emergency, not reported yet)")) : "");
    print_field(N_("reason"), reason);
    print_field(N_("still to agree"), mgk_hold_text(row, "chain"));
}

void mgk_show_requests(GVariant *rows)
{
    for (gsize i = 0; i < g_variant_n_children(rows); i++) {
        g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
        print_request(row);
    }
}

void mgk_show_record(GVariant *answer)
{
    static const struct {
        const char *name, *label;
    } fields[] = {{"sender", N_("sender")},        {"subject", N_("subject")},     {"department", N_("department")},
                  {"sha256", "SHA-256"},           {"client", N_("sent by host")}, {"message-id", "Message-ID"},
                  {"queue-id", N_("came as")},     {"policy", N_("policy")},       {"rules", N_("rules")},
                  {"clean-copy", N_("clean copy")}};
    g_autoptr(GVariant) record = g_variant_lookup_value(answer, "record", G_VARIANT_TYPE_VARDICT);
    g_autoptr(GVariant) more = g_variant_lookup_value(answer, "more", G_VARIANT_TYPE_VARDICT);
    if (!record || !more)
        return;
    print_record_line(record);
    for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
        print_field(fields[i].label, mgk_hold_text(record, fields[i].name));
        print_field(fields[i].label, mgk_hold_text(more, fields[i].name));
    }
    g_autofree const char **recipients = mgk_hold_texts(record, "recipients");
    for (guint i = 0; recipients[i]; i++)
        print_field(N_("recipient"), recipients[i]);
    print_list(answer, "parts", print_part);
    print_list(answer, "requests", print_request);
}

/* A cell no spreadsheet takes for a formula. */
static void print_cell(const char *text, const char *end)
{
    g_autofree char *shown = mgk_names_display(text, -1, 0);
    g_auto(GStrv) pieces = g_strsplit(shown, "\"", -1);
    g_autofree char *doubled = g_strjoinv("\"\"", pieces);
    printf("\"%s%s\"%s", strchr("=+-@", *doubled) && *doubled ? "'" : "", doubled, end);
}

void mgk_show_counts(GVariant *counts, gboolean csv)
{
    GVariantIter iter;
    const char *department = NULL, *what = NULL;
    guint64 count = 0;
    g_variant_iter_init(&iter, counts);
    while (g_variant_iter_next(&iter, "(&s&st)", &department, &what, &count)) {
        if (csv) {
            print_cell(department, ",");
            print_cell(what, ",");
            printf("%" G_GUINT64_FORMAT "\r\n", count);
        } else {
            g_autofree char *shown = mgk_names_display(*department ? department : "-", -1, 0);
            printf("%10" G_GUINT64_FORMAT "  %s  %s\n", count, shown, what);
        }
    }
}
