/* zip.c - the second look at archives: exactly the grammar that our writer speaks, and nothing between its words.
 *
 * A forward reader that shares nothing with engines/zip_*: it walks the local headers from byte 0, inflates every
 * member by zlib to know where it ends, and then demands that the directory repeats what it saw, record by record. */
#include "checks/checks.h"
#include "checks/foreign.h"

#include <string.h>

#define ZLIB_CONST
#include <zlib.h>

#define STEP (64u << 10)
#define HEAD_SIZE 64u

typedef struct Cursor {
    const guint8 *data;
    gsize size, at;
    const char *what; /* the first thing that was wrong, static */
} Cursor;

typedef struct Member {
    guint16 flags, method;
    guint32 time, crc;
    guint64 packed, size;
    gsize place;
    const char *name; /* borrowed from the bytes, not terminated */
    gsize name_length;
} Member;

static gboolean fail(Cursor *cursor, const char *what)
{
    if (!cursor->what)
        cursor->what = what;
    return FALSE;
}

static guint64 take(Cursor *cursor, guint bytes)
{
    guint64 value = 0;
    if (cursor->size - cursor->at < bytes) {
        fail(cursor, "cut off");
        cursor->at = cursor->size;
        return 0;
    }
    for (guint i = 0; i < bytes; i++)
        value |= (guint64)cursor->data[cursor->at++] << (8 * i);
    return value;
}

static gboolean demand(Cursor *cursor, guint bytes, guint64 want, const char *what)
{
    return take(cursor, bytes) == want && !cursor->what ? TRUE : fail(cursor, what);
}

static guint32 peek32(const Cursor *cursor)
{
    Cursor copy = *cursor;
    return copy.size - copy.at < 4 ? 0 : (guint32)take(&copy, 4);
}

/* From the version needed on, as far as local header and central record are alike. *ret_extra is the extra's length. */
static gboolean take_common(Cursor *cursor, Member *member, guint *ret_extra)
{
    guint64 version = take(cursor, 2);
    member->flags = (guint16)take(cursor, 2);
    member->method = (guint16)take(cursor, 2);
    member->time = (guint32)take(cursor, 4);
    member->crc = (guint32)take(cursor, 4);
    member->packed = take(cursor, 4);
    member->size = take(cursor, 4);
    member->name_length = (gsize)take(cursor, 2);
    *ret_extra = (guint)take(cursor, 2);
    if (version != (*ret_extra ? 45 : 20))
        return fail(cursor, "version");
    if (member->flags & ~(8u | 1u << 11))
        return fail(cursor, "flags (encrypted?)");
    if (member->method != 0 && member->method != 8)
        return fail(cursor, "method");
    return !cursor->what;
}

static gboolean take_name(Cursor *cursor, Member *member)
{
    if (member->name_length == 0 || cursor->size - cursor->at < member->name_length)
        return fail(cursor, "name");
    member->name = (const char *)cursor->data + cursor->at;
    cursor->at += member->name_length;
    gboolean ascii = TRUE;
    for (gsize i = 0; i < member->name_length; i++)
        ascii = ascii && !(member->name[i] & 0x80);
    if (ascii == ((member->flags >> 11) & 1))
        return fail(cursor, "UTF-8 flag");
    return TRUE;
}

static gboolean is_reserved(const char *part, gsize length)
{
    static const char *const words[] = {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"};
    gsize stem = 0;
    while (stem < length && part[stem] != '.')
        stem++;
    while (stem && part[stem - 1] == ' ')
        stem--;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strlen(words[i]) == stem && g_ascii_strncasecmp(part, words[i], stem) == 0)
            return TRUE;
    }
    return stem == 4 && (g_ascii_strncasecmp(part, "com", 3) == 0 || g_ascii_strncasecmp(part, "lpt", 3) == 0) &&
           g_ascii_isdigit(part[3]);
}

static gboolean is_deceptive(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static gboolean safe_part(const char *part, gsize length)
{
    if (length == 0 || length > 255 || part[length - 1] == '.' || part[length - 1] == ' ' || is_reserved(part, length))
        return FALSE;
    for (const char *c = part; c < part + length; c = g_utf8_next_char(c)) {
        gunichar code = g_utf8_get_char(c);
        if (is_deceptive(code) || (code < 0x80 && strchr("\\:*?\"<>|", (int)code)))
            return FALSE;
    }
    return TRUE;
}

/* A relative path of parts that can be created anywhere and mean the same everywhere. */
static gboolean safe_name(const Member *member)
{
    const char *at = member->name, *end = at + member->name_length;
    if (!g_utf8_validate_len(at, member->name_length, NULL))
        return FALSE;
    if (end[-1] == '/') {
        if (member->size)
            return FALSE;
        end--;
    }
    while (at <= end) {
        const char *slash = memchr(at, '/', (gsize)(end - at));
        gsize length = (gsize)((slash ? slash : end) - at);
        if (!safe_part(at, length))
            return FALSE;
        at += length + 1;
    }
    return TRUE;
}

/* Inflates from the cursor to the end of the stream; sets sizes and checksum to what was found. */
static gboolean inflate_member(Cursor *cursor, Member *member, guint8 *buffer, guint8 head[HEAD_SIZE])
{
    z_stream z = {0};
    if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
        return fail(cursor, "zlib");
    gsize left = cursor->size - cursor->at;
    const guint8 *start = cursor->data + cursor->at;
    z.next_in = start;
    int result = Z_OK;
    member->size = 0;
    member->crc = 0;
    while (result == Z_OK) {
        gsize given = MIN(left - (gsize)(z.next_in - start), 1u << 30);
        z.avail_in = (uInt)given;
        z.next_out = buffer;
        z.avail_out = STEP;
        result = inflate(&z, Z_NO_FLUSH);
        uInt made = STEP - z.avail_out;
        if (member->size < HEAD_SIZE)
            memcpy(head + member->size, buffer, MIN(made, HEAD_SIZE - member->size));
        member->crc = (guint32)crc32(member->crc, buffer, made);
        member->size += made;
    }
    member->packed = (guint64)(z.next_in - start);
    inflateEnd(&z);
    if (result != Z_STREAM_END)
        return fail(cursor, "deflate stream");
    cursor->at += (gsize)member->packed;
    return TRUE;
}

static gboolean store_member(Cursor *cursor, Member *member, guint64 size, guint8 head[HEAD_SIZE])
{
    if (size > cursor->size - cursor->at)
        return fail(cursor, "cut off");
    const guint8 *data = cursor->data + cursor->at;
    memcpy(head, data, (gsize)MIN(size, HEAD_SIZE));
    member->size = member->packed = size;
    member->crc = 0;
    for (guint64 at = 0; at < size;) {
        guint64 step = MIN(size - at, 1u << 30);
        member->crc = (guint32)crc32(member->crc, data + at, (uInt)step);
        at += step;
    }
    cursor->at += (gsize)size;
    return TRUE;
}

/* A member must begin like what its name promises. Every one has had a second look of its own; when it is stored, its
 * bytes stand in the archive as they are, so all of them are looked at again. */
static gboolean is_foreign(const Cursor *cursor, const Member *member, const guint8 head[HEAD_SIZE])
{
    g_autofree char *name = g_strndup(member->name, member->name_length);
    MgkForeignShape shape = mgk_foreign_shape_of_name(name);
    if (member->method)
        return !mgk_check_foreign(head, (gsize)MIN(member->size, HEAD_SIZE), shape, NULL);
    return !mgk_check_foreign(cursor->data + cursor->at - member->size, (gsize)member->size, shape, NULL);
}

/* The zip64 extra of a local header: both sizes, nothing else. */
static gboolean take_wide(Cursor *cursor, Member *said)
{
    if (!demand(cursor, 2, 1, "extra field") || !demand(cursor, 2, 16, "extra field"))
        return FALSE;
    if (said->packed != G_MAXUINT32 || said->size != G_MAXUINT32)
        return fail(cursor, "zip64 without need");
    said->size = take(cursor, 8);
    said->packed = take(cursor, 8);
    return said->size >= G_MAXUINT32 || said->packed >= G_MAXUINT32 ? TRUE : fail(cursor, "zip64 without need");
}

static gboolean demand_descriptor(Cursor *cursor, const Member *member)
{
    return demand(cursor, 4, 0x08074b50, "descriptor") && demand(cursor, 4, member->crc, "descriptor") &&
           demand(cursor, 4, member->packed, "descriptor") && demand(cursor, 4, member->size, "descriptor");
}

/* One local header with its data; *ret is what was really there. */
static gboolean take_member(Cursor *cursor, guint8 *buffer, Member *ret)
{
    Member said = {.place = cursor->at};
    guint extra = 0;
    guint8 head[HEAD_SIZE] = {0};
    if (!demand(cursor, 4, 0x04034b50, "local header") || !take_common(cursor, &said, &extra) ||
        !take_name(cursor, &said))
        return FALSE;
    if (extra && (extra != 20 || !take_wide(cursor, &said)))
        return fail(cursor, "extra field");
    gboolean streamed = said.flags & 8;
    Member real = said;
    if (streamed && (said.method != 8 || said.crc || said.packed || said.size))
        return fail(cursor, "streamed header");
    if (!(said.method ? inflate_member(cursor, &real, buffer, head) : store_member(cursor, &real, said.size, head)))
        return FALSE;
    if (streamed ? !demand_descriptor(cursor, &real)
                 : real.crc != said.crc || real.packed != said.packed || real.size != said.size)
        return fail(cursor, "sizes or checksum");
    if (!safe_name(&real))
        return fail(cursor, "unsafe name");
    if (is_foreign(cursor, &real, head))
        return fail(cursor, "a member that begins like something else");
    *ret = real;
    return TRUE;
}

static gboolean take_wide_central(Cursor *cursor, Member *said, guint64 *place)
{
    guint64 *fields[3] = {&said->size, &said->packed, place};
    guint wanted = 0;
    for (guint i = 0; i < 3; i++)
        wanted += *fields[i] == G_MAXUINT32;
    if (wanted == 0 || !demand(cursor, 2, 1, "extra field") || !demand(cursor, 2, wanted * 8u, "extra field"))
        return fail(cursor, "extra field");
    for (guint i = 0; i < 3; i++) {
        if (*fields[i] == G_MAXUINT32)
            *fields[i] = take(cursor, 8);
    }
    return !cursor->what;
}

static gboolean demand_record(Cursor *cursor, const Member *member)
{
    Member said = {0};
    guint extra = 0;
    if (!demand(cursor, 4, 0x02014b50, "central record"))
        return FALSE;
    guint64 made_by = take(cursor, 2);
    if (!take_common(cursor, &said, &extra) || made_by != (extra ? 45 : 20))
        return fail(cursor, "central record");
    if (!demand(cursor, 4, 0, "comment or disk") || !demand(cursor, 2, 0, "internal attributes"))
        return FALSE;
    gboolean folder = member->name[member->name_length - 1] == '/';
    if (!demand(cursor, 4, folder ? 0x10 : 0, "external attributes"))
        return FALSE;
    guint64 place = take(cursor, 4);
    if (!take_name(cursor, &said) || (extra && !take_wide_central(cursor, &said, &place)))
        return fail(cursor, "central record");
    if (said.flags != member->flags || said.method != member->method || said.time != member->time ||
        said.crc != member->crc || said.packed != member->packed || said.size != member->size ||
        place != member->place || said.name_length != member->name_length ||
        memcmp(said.name, member->name, said.name_length) != 0)
        return fail(cursor, "directory and contents differ");
    return TRUE;
}

static gboolean demand_end(Cursor *cursor, gsize directory, guint64 count)
{
    guint64 size = cursor->at - directory, end64 = cursor->at;
    if (peek32(cursor) == 0x06064b50) {
        const guint64 want[] = {0x06064b50, 44, 45, 45, 0, 0, count, count, size, directory};
        const guint width[] = {4, 8, 2, 2, 4, 4, 8, 8, 8, 8};
        for (guint i = 0; i < G_N_ELEMENTS(want); i++) {
            if (!demand(cursor, width[i], want[i], "zip64 end record"))
                return FALSE;
        }
        if (!demand(cursor, 4, 0x07064b50, "zip64 locator") || !demand(cursor, 4, 0, "zip64 locator") ||
            !demand(cursor, 8, end64, "zip64 locator") || !demand(cursor, 4, 1, "zip64 locator"))
            return FALSE;
    } else if (count >= G_MAXUINT16) {
        return fail(cursor, "zip64 end record");
    }
    guint64 short_count = MIN(count, G_MAXUINT16);
    return demand(cursor, 4, 0x06054b50, "end record") && demand(cursor, 4, 0, "disks") &&
           demand(cursor, 2, short_count, "count") && demand(cursor, 2, short_count, "count") &&
           demand(cursor, 4, MIN(size, G_MAXUINT32), "size") &&
           demand(cursor, 4, MIN(directory, G_MAXUINT32), "place") && demand(cursor, 2, 0, "comment") &&
           (cursor->at == cursor->size || fail(cursor, "bytes after the end"));
}

static char *key_of(const char *name, gsize length)
{
    g_autofree char *composed = g_utf8_normalize(name, (gssize)length, G_NORMALIZE_NFC);
    return g_utf8_casefold(composed ? composed : "", -1);
}

/* FALSE when a file system would take two members for one, or a file for a folder. */
static gboolean all_different(const GArray *members)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < members->len; i++) {
        const Member *member = &g_array_index(members, Member, i);
        gboolean folder = member->name[member->name_length - 1] == '/';
        gsize length = member->name_length - (folder ? 1 : 0);
        if (!g_hash_table_add(seen, key_of(member->name, length)))
            return FALSE;
        if (!folder)
            g_hash_table_add(files, key_of(member->name, length));
    }
    for (guint i = 0; i < members->len; i++) {
        const Member *member = &g_array_index(members, Member, i);
        for (gsize at = 1; at < member->name_length; at++) {
            g_autofree char *parent = member->name[at] == '/' ? key_of(member->name, at) : NULL;
            if (parent && g_hash_table_contains(files, parent))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean check(Cursor *cursor, guint64 max_entries)
{
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(Member));
    g_autofree guint8 *buffer = g_malloc(STEP);
    while (peek32(cursor) == 0x04034b50) {
        Member member;
        if (members->len >= max_entries || !take_member(cursor, buffer, &member))
            return fail(cursor, "too many members");
        g_array_append_val(members, member);
    }
    gsize directory = cursor->at;
    for (guint i = 0; i < members->len; i++) {
        if (!demand_record(cursor, &g_array_index(members, Member, i)))
            return FALSE;
    }
    if (!demand_end(cursor, directory, members->len))
        return FALSE;
    return all_different(members) ? TRUE : fail(cursor, "two members of one name");
}

gboolean mgk_check_zip(MgkJob *job, GError **error)
{
    Cursor cursor = {.data = job->data, .size = job->size};
    if (check(&cursor, job->policy->limits.zip_entries))
        return mgk_check_foreign(job->data, job->size, MGK_FOREIGN_ARCHIVE, error);
    g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "zip check: %s at %" G_GSIZE_FORMAT,
                cursor.what ? cursor.what : "?", cursor.at);
    return FALSE;
}
