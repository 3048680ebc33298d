#include "place.h"

#include "control.h"
#include "model/words.h"

#include <errno.h>
#include <grp.h>
#include <libmilter/mfapi.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 1024

static gboolean fail(GError **error, const char *what)
{
    g_set_error(error, MGK_ERROR, MGK_ERROR_IO, "%s: %s", what, g_strerror(errno));
    return FALSE;
}

static gboolean find_group(const char *name, gid_t *ret_gid, GError **error)
{
    const struct group *group = getgrnam(name);
    if (!group) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, mgk_words(N_("there is no group '%s'")), name);
        return FALSE;
    }
    *ret_gid = group->gr_gid;
    return TRUE;
}

static const struct passwd *find_user(const char *name, GError **error)
{
    const struct passwd *user = getpwnam(name);
    if (!user)
        g_set_error(error, MGK_ERROR, MGK_ERROR_USAGE, mgk_words(N_("there is no user '%s'")), name);
    return user;
}

/* Nobody can connect before owner, group and mode are right: the socket is made with mode 0600. */
static gboolean set_rights(const MgkMilterOptions *options, const char *path, GError **error)
{
    uid_t owner = (uid_t)-1;
    gid_t group = (gid_t)-1;
    if (options->group && !find_group(options->group, &group, error))
        return FALSE;
    if (options->user && geteuid() == 0) {
        const struct passwd *user = find_user(options->user, error);
        if (!user)
            return FALSE;
        owner = user->pw_uid;
    }
    if ((owner != (uid_t)-1 || group != (gid_t)-1) && lchown(path, owner, group) != 0)
        return fail(error, path);
    return chmod(path, options->socket_mode) == 0 || fail(error, path);
}

gboolean mgk_place_open_socket(const MgkMilterOptions *options, GError **error)
{
    const char *path = g_str_has_prefix(options->socket, "unix:") ? options->socket + strlen("unix:") : NULL;
    if (path && !mgk_control_remove_stale(path, error))
        return FALSE;
    mode_t before = umask(0177);
    gboolean good = smfi_setconn(options->socket) == MI_SUCCESS && smfi_setbacklog(BACKLOG) == MI_SUCCESS &&
                    smfi_opensocket(FALSE) == MI_SUCCESS;
    umask(before);
    if (!good) {
        g_set_error(error, MGK_ERROR, MGK_ERROR_IO, mgk_words(N_("%s: the socket cannot be opened")), options->socket);
        return FALSE;
    }
    return !path || set_rights(options, path, error);
}

static gboolean make_state(const MgkMilterOptions *options, const struct passwd *user, GError **error)
{
    if (g_mkdir_with_parents(options->state, 0700) != 0)
        return fail(error, options->state);
    struct stat status;
    if (stat(options->state, &status) != 0)
        return fail(error, options->state);
    if (status.st_uid == 0 && chown(options->state, user->pw_uid, user->pw_gid) != 0)
        return fail(error, options->state);
    return TRUE;
}

gboolean mgk_place_become_user(const MgkMilterOptions *options, GError **error)
{
    if (geteuid() != 0)
        return TRUE; /* systemd, or whoever started us, did it */
    const struct passwd *user = options->user ? find_user(options->user, error) : NULL;
    if (!options->user)
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, mgk_words(N_("does not run as root; give --user")));
    if (!user || !make_state(options, user, error))
        return FALSE;
    if (user->pw_uid == 0) {
        g_set_error_literal(error, MGK_ERROR, MGK_ERROR_USAGE, mgk_words(N_("does not run as root; give --user")));
        return FALSE;
    }
    if (initgroups(user->pw_name, user->pw_gid) != 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
        return fail(error, options->user);
    if (setuid(0) == 0) { /* must not be possible any more */
        errno = EPERM;
        return fail(error, options->user);
    }
    return TRUE;
}
