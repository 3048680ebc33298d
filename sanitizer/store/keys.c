#include "store/keys.h"

#include "io/descriptor.h"
#include "store/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_KEYS 64 /* a key a month for five years */
#define FILE_BYTES 16384
#define ID_DIGITS ((gsize)2 * MGK_KEY_ID_BYTES)
#define SECRET_DIGITS ((gsize)2 * MGK_KEY_BYTES)
#define LINE_BYTES (ID_DIGITS + 1 + SECRET_DIGITS)

static const char header[] = "# master keys of mugaika's store; the last line wraps what is new; keep a copy apart\n";

typedef struct Key {
    guint8 id[MGK_KEY_ID_BYTES], secret[MGK_KEY_BYTES];
} Key;

struct MgkKeys {
    int folder; /* descriptor */
    char *name; /* owned; in that folder */
    Key *keys;  /* owned; MAX_KEYS of them, in locked memory */
    guint n;
};

void mgk_keys_free(MgkKeys *keys)
{
    if (!keys)
        return;
    if (keys->folder >= 0)
        close(keys->folder);
    sodium_free(keys->keys);
    g_free(keys->name);
    g_free(keys);
}

static MgkKeys *new_keys(const char *path, GError **error)
{
    g_autoptr(MgkKeys) keys = g_new0(MgkKeys, 1);
    g_autofree char *folder = g_path_get_dirname(path);
    keys->name = g_path_get_basename(path);
    keys->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    keys->keys = sodium_init() >= 0 && keys->folder >= 0 ? sodium_malloc(MAX_KEYS * sizeof(Key)) : NULL;
    if (keys->keys)
        return g_steal_pointer(&keys);
    mgk_disk_fail(error, path);
    return NULL;
}

static void append_key(MgkKeys *keys)
{
    Key *key = &keys->keys[keys->n++];
    randombytes_buf(key->id, sizeof key->id);
    randombytes_buf(key->secret, sizeof key->secret);
}

/* The file's text in locked memory. */
static char *format_keys(const MgkKeys *keys, guint first, gsize *ret_size)
{
    char *text = sodium_malloc(FILE_BYTES);
    if (!text)
        return NULL;
    gsize at = g_strlcpy(text, header, FILE_BYTES);
    for (guint i = first; i < keys->n; i++) {
        sodium_bin2hex(text + at, FILE_BYTES - at, keys->keys[i].id, MGK_KEY_ID_BYTES);
        at += ID_DIGITS;
        text[at++] = ' ';
        sodium_bin2hex(text + at, FILE_BYTES - at, keys->keys[i].secret, MGK_KEY_BYTES);
        at += SECRET_DIGITS;
        text[at++] = '\n';
    }
    *ret_size = at;
    return text;
}

/* Puts keys[first…] into the file. By the time the old file's bytes are overwritten the name is the new one's. */
static gboolean write_keys(const MgkKeys *keys, guint first, GError **error)
{
    gsize size = 0;
    char *text = format_keys(keys, first, &size);
    int old = openat(keys->folder, keys->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    gboolean good = text && old >= 0 && mgk_disk_write(keys->folder, keys->name, text, size) && mgk_disk_wipe(old);
    if (!good)
        mgk_disk_fail(error, keys->name);
    if (old >= 0)
        close(old);
    sodium_free(text);
    return good;
}

gboolean mgk_keys_create(const char *path, GError **error)
{
    g_autoptr(MgkKeys) keys = new_keys(path, error);
    if (!keys)
        return FALSE;
    append_key(keys);
    gsize size = 0;
    char *text = format_keys(keys, 0, &size);
    int fd = text ? mgk_disk_nameless(keys->folder) : -1;
    gboolean good = fd >= 0 && mgk_fd_write_all(fd, text, size) && mgk_disk_publish(fd, keys->folder, keys->name);
    if (!good)
        mgk_disk_fail(error, path);
    if (fd >= 0)
        close(fd);
    sodium_free(text);
    return good;
}

static gboolean take_line(MgkKeys *keys, const char *line, gsize length)
{
    gsize n = 0;
    if (length == 0 || line[0] == '#')
        return TRUE;
    if (length != LINE_BYTES || line[ID_DIGITS] != ' ' || keys->n == MAX_KEYS)
        return FALSE;
    Key *key = &keys->keys[keys->n++];
    return sodium_hex2bin(key->id, sizeof key->id, line, ID_DIGITS, NULL, &n, NULL) == 0 && n == sizeof key->id &&
           sodium_hex2bin(key->secret, sizeof key->secret, line + ID_DIGITS + 1, SECRET_DIGITS, NULL, &n, NULL) == 0 &&
           n == sizeof key->secret;
}

static gboolean parse(MgkKeys *keys, const char *text, gsize size)
{
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        gsize length = end ? (gsize)(end - text) : size;
        if (!take_line(keys, text, length))
            return FALSE;
        gsize step = MIN(length + 1, size);
        text += step;
        size -= step;
    }
    return keys->n > 0;
}

/* What could be read by others has to be taken as read by others. */
static gboolean is_private(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) == 0 &&
           (status.st_uid == geteuid() || status.st_uid == 0);
}

static gboolean read_keys(MgkKeys *keys, int fd, const char *path, GError **error)
{
    if (!is_private(fd)) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, "%s: must be a file of the store's user, with mode 0600", path);
        return FALSE;
    }
    char *text = sodium_malloc(FILE_BYTES);
    gsize size = 0;
    gssize n = 1;
    while (text && n > 0 && size < FILE_BYTES) {
        n = mgk_fd_read(fd, text + size, FILE_BYTES - size);
        size += n > 0 ? (gsize)n : 0;
    }
    gboolean good = text && n == 0;
    if (!good)
        mgk_disk_fail(error, path);
    else if (!(good = parse(keys, text, size)))
        g_set_error(error, MGK_ERROR, MGK_ERROR_MALFORMED, "%s: is no key file", path);
    sodium_free(text);
    return good;
}

MgkKeys *mgk_keys_open(const char *path, GError **error)
{
    g_autoptr(MgkKeys) keys = new_keys(path, error);
    if (!keys)
        return NULL;
    int fd = openat(keys->folder, keys->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    gboolean good = fd >= 0 ? read_keys(keys, fd, path, error) : mgk_disk_fail(error, path);
    if (fd >= 0)
        close(fd);
    return good ? g_steal_pointer(&keys) : NULL;
}

gboolean mgk_keys_add(MgkKeys *keys, GError **error)
{
    if (keys->n == MAX_KEYS) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_LIMIT, "master_keys: there are %d already", MAX_KEYS);
        return FALSE;
    }
    append_key(keys);
    if (write_keys(keys, 0, error))
        return TRUE;
    sodium_memzero(&keys->keys[--keys->n], sizeof(Key));
    return FALSE;
}

gboolean mgk_keys_drop(MgkKeys *keys, GError **error)
{
    if (!write_keys(keys, keys->n - 1, error))
        return FALSE;
    keys->keys[0] = keys->keys[keys->n - 1];
    sodium_memzero(&keys->keys[1], (MAX_KEYS - 1) * sizeof(Key));
    keys->n = 1;
    return TRUE;
}

const guint8 *mgk_keys_current(const MgkKeys *keys)
{
    return keys->keys[keys->n - 1].id;
}

const guint8 *mgk_keys_find(const MgkKeys *keys, const guint8 *id)
{
    for (guint i = 0; i < keys->n; i++) {
        if (memcmp(keys->keys[i].id, id, MGK_KEY_ID_BYTES) == 0)
            return keys->keys[i].secret;
    }
    return NULL;
}
