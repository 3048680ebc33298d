#include "store/log_line.h"

#include "store/disk.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define HASH_DIGITS ((gsize)64)
#define TIME_CHARS ((gsize)27)
#define MAX_DIGITS 19 /* of a number: below 2^63 */

static const char hash_key[] = ",\"hash\":\"", line_end[] = "\"}";
#define END_BYTES (sizeof hash_key - 1 + HASH_DIGITS + sizeof line_end - 1)

void mgk_log_line_begin(MgkLogLine *ret_line)
{
    memset(ret_line, 0, sizeof *ret_line);
    memset(ret_line->hash, '0', HASH_DIGITS);
}

void mgk_log_line_time(gint64 time_us, char ret_time[MGK_LOG_TIME])
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
    g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");
    g_snprintf(ret_time, MGK_LOG_TIME, "%s.%06dZ", text, (int)(time_us % G_USEC_PER_SEC));
}

static void hash_of(const char *bytes, gsize size, char ret_hash[MGK_LOG_HASH])
{
    guint8 hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const guint8 *)bytes, size);
    sodium_bin2hex(ret_hash, MGK_LOG_HASH, hash, sizeof hash);
}

void mgk_log_line_append(GString *text, MgkLogLine *last, gint64 time_us, guint64 ref, const char *members)
{
    gsize start = text->len;
    MgkLogLine line = {.seq = last->seq + 1, .ref = ref};
    mgk_log_line_time(time_us, line.time);
    memcpy(line.prev, last->hash, sizeof line.prev);
    g_string_append_printf(text, "{\"seq\":%" G_GUINT64_FORMAT ",\"time\":\"%s\",\"prev\":\"%s\"", line.seq, line.time,
                           line.prev);
    if (ref)
        g_string_append_printf(text, ",\"ref\":%" G_GUINT64_FORMAT, ref);
    g_string_append_printf(text, ",%s", members);
    hash_of(text->str + start, text->len - start, line.hash);
    g_string_append_printf(text, "%s%s%s\n", hash_key, line.hash, line_end);
    *last = line;
}

typedef struct Cursor {
    const char *at, *end;
} Cursor;

static gboolean take(Cursor *c, const char *text)
{
    gsize n = strlen(text);
    if ((gsize)(c->end - c->at) < n || memcmp(c->at, text, n) != 0)
        return FALSE;
    c->at += n;
    return TRUE;
}

static gboolean take_number(Cursor *c, guint64 *ret_number)
{
    guint64 number = 0;
    const char *start = c->at;
    while (c->at < c->end && g_ascii_isdigit(*c->at) && c->at - start < MAX_DIGITS)
        number = number * 10 + (guint64)(*c->at++ - '0');
    *ret_number = number;
    return c->at > start && *start != '0';
}

static gboolean take_text(Cursor *c, char *ret_text, gsize n)
{
    if ((gsize)(c->end - c->at) < n)
        return FALSE;
    memcpy(ret_text, c->at, n);
    ret_text[n] = '\0';
    c->at += n;
    return TRUE;
}

static gboolean is_hash(const char *text)
{
    return strspn(text, "0123456789abcdef") == HASH_DIGITS;
}

static gboolean is_printable(const char *line, gsize size)
{
    for (gsize i = 0; i < size; i++) {
        if (line[i] < 0x20 || line[i] > 0x7e)
            return FALSE;
    }
    return TRUE;
}

gboolean mgk_log_line_parse(const char *line, gsize size, MgkLogLine *ret_line)
{
    MgkLogLine found = {.ref = 0};
    char hash[MGK_LOG_HASH];
    if (size < END_BYTES || !is_printable(line, size))
        return FALSE;
    Cursor c = {line, line + size - END_BYTES}, tail = {line + size - END_BYTES, line + size};
    if (!take(&c, "{\"seq\":") || !take_number(&c, &found.seq) || !take(&c, ",\"time\":\"") ||
        !take_text(&c, found.time, TIME_CHARS) || !take(&c, "\",\"prev\":\"") ||
        !take_text(&c, found.prev, HASH_DIGITS) || !take(&c, "\""))
        return FALSE;
    if (take(&c, ",\"ref\":") && !take_number(&c, &found.ref))
        return FALSE;
    if (!take(&c, ",\"event\":\"") || !take(&tail, hash_key) || !take_text(&tail, found.hash, HASH_DIGITS) ||
        !take(&tail, line_end) || !is_hash(found.prev) || !is_hash(found.hash))
        return FALSE;
    hash_of(line, size - END_BYTES, hash);
    if (strcmp(hash, found.hash) != 0)
        return FALSE;
    *ret_line = found;
    return TRUE;
}

gboolean mgk_log_line_last(const char *bytes, gsize size, MgkLogLine *ret_line, gsize *ret_end)
{
    const char *newline;
    for (gsize end = size; (newline = memrchr(bytes, '\n', end)); end = (gsize)(newline - bytes)) {
        gsize length = (gsize)(newline - bytes);
        const char *before = memrchr(bytes, '\n', length);
        gsize start = before ? (gsize)(before - bytes) + 1 : 0;
        if (mgk_log_line_parse(bytes + start, length - start, ret_line)) {
            *ret_end = length + 1;
            return TRUE;
        }
    }
    return FALSE;
}

guint64 mgk_log_file_number(const char *name)
{
    unsigned number = 0, year = 0, month = 0, day = 0;
    int end = 0;
    return strlen(name) == strlen("00000017-2026-11-21.jsonl") &&
                   sscanf(name, "%8u-%4u-%2u-%2u.jsonl%n", &number, &year, &month, &day, &end) == 4 &&
                   (gsize)end == strlen(name)
               ? number
               : 0;
}

GPtrArray *mgk_log_files(int folder)
{
    GPtrArray *names = mgk_disk_list(folder);
    for (guint i = names ? names->len : 0; i-- > 0;) {
        if (!mgk_log_file_number(g_ptr_array_index(names, i)))
            g_ptr_array_remove_index(names, i);
    }
    return names;
}
