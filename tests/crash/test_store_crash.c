/* test_store_crash.c - the store is killed at every system call, and every system call fails once in each of four ways.
 *
 * What was acknowledged is there afterwards, nothing is half there, and the next start repairs itself: after every try
 * the store is opened, judged as a whole, used again with success, and judged again. The time is spent in opening and
 * judging; MUGAIKA_CRASH_STRIDE=7 tries every seventh stop, MUGAIKA_CRASH_SCENE=put one scene. */
#include "step.h"
#include "store/store.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DAY_US ((gint64)G_TIME_SPAN_DAY)
#define START_US (1000 * DAY_US)
#define MAX_ACKS 8
#define TRIES 2 /* in the same process: what failed once must not be in the way of the next */

/* What the child was told, in memory that outlives it. */
typedef struct Acks {
    guint n;                           /* steps that were acknowledged */
    char ids[MAX_ACKS][MGK_RECORD_ID]; /* of records, in order */
} Acks;

typedef struct World {
    char *folder; /* owned; the template in FOLDER/template, the try in FOLDER/try */
    Acks *acks;
} World;

typedef struct Scene {
    const char *name;
    void (*prepare)(MgkStore *store);                   /* makes the template; may be NULL */
    void (*spoil)(const char *folder);                  /* breaks the closed template; may be NULL */
    gboolean (*act)(MgkStore *store, World *world);     /* acknowledges as it goes; FALSE when something was refused */
    void (*judge)(MgkStore *store, const World *world); /* beyond what is always judged; may be NULL */
    gboolean opening;                                   /* opening the store is part of what is tried */
} Scene;

static const MgkPerson clerk = {1000, "tanaka", "clerk"}, ciso = {1002, "sato", "ciso"};
static const MgkRetention retention = {.verdict_days = {[MGK_VERDICT_HELD] = 10, [MGK_VERDICT_CLEANED] = 10},
                                       .received_days = 10};

static MgkStore *open_store(const World *world, const char *which, GError **error)
{
    g_autofree char *folder = g_build_filename(world->folder, which, "store", NULL);
    g_autofree char *key = g_build_filename(world->folder, which, "master.key", NULL);
    g_autofree char *seal = g_build_filename(world->folder, which, "seal.key", NULL);
    /* Three records a file: every scene rotates. */
    const MgkStoreOptions options = {.folder = folder, .key_path = key, .seal_path = seal, .log_bytes = 1500};
    return mgk_store_open(&options, error);
}

static gboolean put_text(MgkStore *store, const char *text, char ret_id[MGK_RECORD_ID], GError **error)
{
    const char *const recipients[] = {"kikaku@city.example.jp", NULL};
    const MgkRecord record = {.time_us = START_US,
                              .sender = "sales@example.com",
                              .recipients = recipients,
                              .client = "192.0.2.1",
                              .subject = "test"};
    int fd = memfd_create("mail", MFD_CLOEXEC);
    gboolean good = fd >= 0 && write(fd, text, strlen(text)) == (gssize)strlen(text) &&
                    mgk_store_put(store, fd, 1000000, &record, ret_id, NULL, error);
    if (fd >= 0)
        close(fd);
    return good;
}

static gboolean conclude(MgkStore *store, const char *id, MgkState state, GError **error)
{
    const MgkRecordPart parts[] = {{.name = "mail.eml", .format = "eml"}, {.name = "a.docx", .format = "docx"}};
    const MgkRecord result = {.state = state,
                              .verdict = state == MGK_STATE_HELD ? MGK_VERDICT_HELD : MGK_VERDICT_CLEANED,
                              .parts = parts,
                              .n_parts = 2};
    return mgk_ledger_conclude(mgk_store_ledger(store), id, &result, NULL, 0, error);
}

static gboolean count_line(gpointer user, const char *line, gsize size)
{
    ck_assert(line && size);
    ++*(guint *)user;
    return TRUE;
}

static guint logged(MgkStore *store, const char *event, const char *record)
{
    guint n = 0;
    const MgkLogFilter filter = {.event = event, .record = record};
    ck_assert(mgk_log_search(mgk_store_log_folder(store), &filter, count_line, &n, NULL));
    return n;
}

static MgkState state_of(MgkStore *store, const char *id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkRecords) records = mgk_ledger_get(mgk_store_ledger(store), id, &error);
    ck_assert_msg(records != NULL, "lost: %s: %s", id, error ? error->message : "");
    return mgk_records_get(records, 0)->state;
}

/* Each record was logged as received once, and its state is what was logged of it. */
static void judge_record(MgkStore *store, const MgkRecord *record)
{
    g_autofree char *event =
        g_strconcat(record->state == MGK_STATE_REQUESTED  ? "request.open"
                    : record->state == MGK_STATE_APPROVED ? "request.approve"
                                                          : "record.",
                    g_str_has_prefix(mgk_state_name(record->state), "request") || record->state == MGK_STATE_APPROVED
                        ? ""
                        : mgk_state_name(record->state),
                    NULL);
    gboolean released = record->state == MGK_STATE_RELEASED && logged(store, "request.release", record->id) == 1;
    ck_assert_msg(logged(store, "record.received", record->id) == 1, "%s", record->id);
    ck_assert_msg(released || logged(store, event, record->id) == 1, "%s: no log record %s", record->id, event);
}

static void judge_whole(MgkStore *store, const World *world)
{
    g_autoptr(GError) error = NULL;
    guint64 originals = 0;
    ck_assert_msg(mgk_store_verify(store, NULL, NULL, &originals, &error), "%s", error ? error->message : "");
    g_autoptr(MgkRecords) all = mgk_ledger_list(mgk_store_ledger(store), &(MgkFilter){.limit = 1000}, NULL);
    for (guint i = 0; i < all->records->len; i++)
        judge_record(store, mgk_records_get(all, i));
    for (guint i = 0; i < MAX_ACKS; i++)
        ck_assert(!world->acks->ids[i][0] || state_of(store, world->acks->ids[i]) < MGK_N_STATES);
}

/* --- scenes ------------------------------------------------------------------------------------------------------- */

static gboolean act_put(MgkStore *store, World *world)
{
    static const char *const texts[] = {"first", "second", "first"};
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        char id[MGK_RECORD_ID];
        gboolean good = FALSE;
        for (guint tries = 0; tries < TRIES && !good; tries++)
            good = put_text(store, texts[i], id, NULL);
        if (!good)
            return FALSE;
        memcpy(world->acks->ids[world->acks->n++], id, sizeof id);
    }
    return TRUE;
}

static void prepare_held(MgkStore *store)
{
    char id[MGK_RECORD_ID];
    ck_assert(put_text(store, "held", id, NULL) && conclude(store, id, MGK_STATE_HELD, NULL));
}

/* FALSE when a question of its own failed. */
static gboolean find_held(MgkStore *store, MgkRecord *ret_record, guint64 *ret_request)
{
    g_autoptr(MgkRecords) all = mgk_ledger_list(mgk_store_ledger(store), &(MgkFilter){.limit = 1}, NULL);
    g_autoptr(MgkRequests) requests =
        mgk_ledger_requests(mgk_store_ledger(store), &(MgkRequestFilter){.limit = 1}, NULL);
    if (!all || !requests)
        return FALSE;
    *ret_record = *mgk_records_get(all, 0);
    *ret_request = requests->requests->len ? g_array_index(requests->requests, MgkRequest, 0).number : 0;
    return TRUE;
}

/* Goes on from wherever an interruption left it. */
static gboolean act_decide(MgkStore *store, World *world)
{
    MgkRecord record;
    guint64 number = 0;
    MgkLedger *ledger = mgk_store_ledger(store);
    if (!find_held(store, &record, &number))
        return FALSE;
    MgkRequest request = {
        .person = clerk, .reason = "x", .chain = "ciso", .time_us = START_US, .expires_us = START_US + DAY_US};
    memcpy(request.record, record.id, sizeof request.record);
    memcpy(request.sha256, record.sha256, sizeof request.sha256);
    if (record.state == MGK_STATE_HELD && !mgk_ledger_request(ledger, &request, &number, NULL))
        return FALSE;
    world->acks->n = 1;
    MgkDecision decision = {.kind = MGK_DECIDE_APPROVE, .request = number, .person = ciso, .time_us = START_US + 1};
    memcpy(decision.sha256, record.sha256, sizeof decision.sha256);
    if (record.state < MGK_STATE_APPROVED && !mgk_ledger_decide(ledger, &decision, NULL))
        return FALSE;
    world->acks->n = 2;
    decision.kind = MGK_DECIDE_RELEASE;
    if (record.state < MGK_STATE_RELEASED && !mgk_ledger_decide(ledger, &decision, NULL))
        return FALSE;
    world->acks->n = 3;
    return TRUE;
}

static void judge_decide(MgkStore *store, const World *world)
{
    static const MgkState least[] = {MGK_STATE_HELD, MGK_STATE_REQUESTED, MGK_STATE_APPROVED, MGK_STATE_RELEASED};
    MgkRecord record;
    guint64 number = 0;
    ck_assert(find_held(store, &record, &number));
    ck_assert_msg(record.state >= least[world->acks->n], "acknowledged %u, found %s", world->acks->n,
                  mgk_state_name(record.state));
    ck_assert_uint_le(logged(store, "request.approve", NULL), 1);
    ck_assert_uint_le(logged(store, "request.release", NULL), 1);
}

static gboolean act_append(MgkStore *store, World *world)
{
    for (guint i = 0; i < 8; i++) {
        const MgkEvent event = {.name = "test.event", .actor = "test"};
        gboolean good = FALSE;
        for (guint tries = 0; tries < TRIES && !good; tries++)
            good = mgk_log_append(mgk_store_log(store), &event, NULL);
        if (!good)
            return FALSE;
        world->acks->n++;
    }
    return TRUE;
}

static void judge_append(MgkStore *store, const World *world)
{
    ck_assert_uint_ge(logged(store, "test.event", NULL), world->acks->n);
}

static void prepare_due(MgkStore *store)
{
    static const char *const texts[] = {"twice", "twice", "once"};
    char id[MGK_RECORD_ID];
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
        ck_assert(put_text(store, texts[i], id, NULL) && conclude(store, id, MGK_STATE_KEPT, NULL));
}

static gboolean act_expire(MgkStore *store, World *world)
{
    gint n = -1;
    for (guint tries = 0; tries < TRIES && n < 0; tries++)
        n = mgk_store_expire(store, &retention, START_US + 100 * DAY_US, 10, NULL);
    if (n < 0)
        return FALSE;
    world->acks->n = 1;
    return TRUE;
}

static void judge_expire(MgkStore *store, const World *world)
{
    const MgkFilter live = {.states = (1u << MGK_STATE_DELETED) - 1};
    g_autoptr(MgkRecords) left = mgk_ledger_list(mgk_store_ledger(store), &live, NULL);
    if (world->acks->n == 0)
        return;
    ck_assert_uint_eq(left->records->len, 0);
    for (guint i = 0; i < 256; i++) {
        g_autoptr(GPtrArray) names = mgk_blobs_list(mgk_store_blobs(store), i, NULL);
        ck_assert_uint_eq(names->len, 0);
    }
}

static gboolean act_seal(MgkStore *store, World *world)
{
    MgkSeal seal;
    for (guint i = 0; i < 2; i++) {
        const MgkEvent event = {.name = "test.event", .actor = "test"};
        if (!mgk_log_append(mgk_store_log(store), &event, NULL) || !mgk_store_seal(store, &seal, NULL))
            return FALSE;
        world->acks->n = (guint)seal.number;
    }
    return TRUE;
}

static void judge_seal(MgkStore *store, const World *world)
{
    MgkLogVerdict verdict;
    ck_assert(mgk_log_verify(mgk_store_log_folder(store), NULL, NULL, &verdict, NULL));
    ck_assert_uint_ge(verdict.seals, world->acks->n);
}

/* An orphan, an interrupted deletion, a torn end of the log: all that an opening has to mend. */
static void spoil_store(const char *folder)
{
    g_autofree char *log = g_build_filename(folder, "store", "log", NULL);
    g_autoptr(GDir) dir = g_dir_open(log, 0, NULL);
    g_autofree char *newest = NULL;
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        if (g_ascii_isdigit(name[0]) && (!newest || strcmp(name, newest) > 0)) {
            g_free(newest);
            newest = g_strdup(name);
        }
    }
    g_autofree char *path = g_build_filename(log, newest, NULL);
    FILE *file = fopen(path, "ae");
    ck_assert(file && fputs("{\"seq\":5,\"ti", file) >= 0 && fclose(file) == 0);
    g_autofree char *dying = g_build_filename(folder, "store", "dying",
                                              "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", NULL);
    ck_assert(g_file_set_contents(dying, "x", 1, NULL));
}

static gboolean act_nothing(MgkStore *store, World *world)
{
    world->acks->n = store != NULL;
    return TRUE;
}

static void judge_opened(MgkStore *store, const World *world)
{
    ck_assert_msg(logged(store, "log.repaired", NULL) >= 1, "%u", world->acks->n);
}

static gboolean act_rotate(MgkStore *store, World *world)
{
    guint64 damaged = 0;
    if (!mgk_keys_add(mgk_store_keys(store), NULL) || mgk_blobs_rewrap(mgk_store_blobs(store), &damaged, NULL) < 0 ||
        damaged > 0 || !mgk_keys_drop(mgk_store_keys(store), NULL))
        return FALSE;
    world->acks->n = 1;
    return TRUE;
}

static gboolean act_backup(MgkStore *store, World *world)
{
    MgkStoreCopy copy;
    g_autofree char *folder = g_build_filename(world->folder, "try", "backup", NULL);
    if (!mgk_store_backup(store, folder, &copy, NULL))
        return FALSE;
    world->acks->n = 1;
    return TRUE;
}

static void prepare_swept(MgkStore *store)
{
    MgkBlobId id;
    int fd = memfd_create("orphan", MFD_CLOEXEC);
    ck_assert(fd >= 0 && write(fd, "orphan", 6) == 6 && mgk_blobs_put(mgk_store_blobs(store), fd, 10, &id, NULL));
    close(fd);
    prepare_held(store);
}

static gboolean act_sweep(MgkStore *store, World *world)
{
    if (mgk_store_sweep(store, NULL) < 0)
        return FALSE;
    world->acks->n = 1;
    return TRUE;
}

static const Scene scenes[] = {
    {"put", NULL, NULL, act_put, NULL, FALSE},
    {"decide", prepare_held, NULL, act_decide, judge_decide, FALSE},
    {"append", NULL, NULL, act_append, judge_append, FALSE},
    {"expire", prepare_due, NULL, act_expire, judge_expire, FALSE},
    {"seal", NULL, NULL, act_seal, judge_seal, FALSE},
    {"open", prepare_held, spoil_store, act_nothing, judge_opened, TRUE},
    {"rotate", prepare_due, NULL, act_rotate, NULL, FALSE},
    {"backup", prepare_due, NULL, act_backup, NULL, FALSE},
    {"sweep", prepare_swept, NULL, act_sweep, NULL, FALSE},
};

/* --- the stage ---------------------------------------------------------------------------------------------------- */

static void run_program(const char *const *argv)
{
    int status = 0;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) copy = g_strdupv((char **)(guintptr)argv);
    ck_assert_msg(g_spawn_sync(NULL, copy, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error), "%s",
                  error ? error->message : "");
    ck_assert_int_eq(status, 0);
}

static void make_template(const Scene *scene, const World *world)
{
    char anchor[65];
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(world->folder, "template", NULL);
    g_autofree char *key = g_build_filename(folder, "master.key", NULL);
    g_autofree char *seal = g_build_filename(folder, "seal.key", NULL);
    ck_assert(g_mkdir(folder, 0700) == 0 && mgk_keys_create(key, NULL) && mgk_seal_create_key(seal, anchor, NULL));
    g_autoptr(MgkStore) store = open_store(world, "template", &error);
    ck_assert_msg(store != NULL, "%s", error ? error->message : "");
    if (scene->prepare)
        scene->prepare(store);
    g_clear_pointer(&store, mgk_store_free);
    if (scene->spoil)
        scene->spoil(folder);
}

static void fresh_try(World *world)
{
    g_autofree char *from = g_build_filename(world->folder, "template", NULL);
    g_autofree char *to = g_build_filename(world->folder, "try", NULL);
    run_program((const char *const[]){"rm", "-rf", to, NULL});
    run_program((const char *const[]){"cp", "-a", from, to, NULL});
    memset(world->acks, 0, sizeof *world->acks);
}

typedef struct Play {
    const Scene *scene;
    World *world;
} Play;

static int play(gpointer user)
{
    const Play *p = user;
    if (p->scene->opening)
        step_begin();
    g_autoptr(MgkStore) store = open_store(p->world, "try", NULL);
    if (!store)
        return 2;
    if (!p->scene->opening)
        step_begin();
    return p->scene->act(store, p->world) ? 0 : 1;
}

static void judge(const Scene *scene, World *world, const Step *step)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(MgkStore) store = open_store(world, "try", &error);
    ck_assert_msg(store != NULL, "%s: stop %u, errno %d: the next start fails: %s", scene->name, step->at, step->error,
                  error ? error->message : "");
    judge_whole(store, world);
    if (scene->judge)
        scene->judge(store, world);
    memset(world->acks, 0, sizeof *world->acks);
    ck_assert_msg(scene->act(store, world), "%s: stop %u, errno %d: does not work afterwards", scene->name, step->at,
                  step->error);
    judge_whole(store, world);
    if (scene->judge)
        scene->judge(store, world);
}

/* One try; FALSE when the child ended before the stop. */
static gboolean try_once(const Scene *scene, World *world, const Step *step)
{
    Play p = {scene, world};
    int status = 0;
    fresh_try(world);
    gboolean hit = step_run(play, &p, step, &status);
    ck_assert_msg(hit || status == 0, "%s: fails by itself: %d", scene->name, status);
    /* Of memory GLib asks for an abort is an answer, as a kill is. */
    ck_assert_msg(status <= 2 || status == 128 + SIGKILL || status == 128 + SIGABRT || status == 128 + SIGTRAP,
                  "%s: stop %u, errno %d: status %d", scene->name, step->at, step->error, status);
    judge(scene, world, step);
    return hit;
}

static guint stride(void)
{
    const char *text = g_getenv("MUGAIKA_CRASH_STRIDE");
    return text ? MAX((guint)g_ascii_strtoull(text, NULL, 10), 1) : 1;
}

static gboolean is_wanted(const Scene *scene)
{
    const char *name = g_getenv("MUGAIKA_CRASH_SCENE");
    return !name || strcmp(name, scene->name) == 0;
}

static World make_world(const Scene *scene)
{
    World world = {.folder =
                       g_build_filename(g_file_test("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : g_get_tmp_dir(),
                                        "mugaika-crash-XXXXXX", NULL)};
    ck_assert_ptr_nonnull(g_mkdtemp(world.folder));
    world.acks = mmap(NULL, sizeof(Acks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(world.acks != MAP_FAILED);
    make_template(scene, &world);
    return world;
}

static void clear_world(World *world)
{
    run_program((const char *const[]){"rm", "-rf", world->folder, NULL});
    munmap(world->acks, sizeof(Acks));
    g_free(world->folder);
}

START_TEST(test_store_crash__killed_at_every_stop)
{
    if (!is_wanted(&scenes[_i]))
        return;
    World world = make_world(&scenes[_i]);
    guint n = 1, tries = 1;
    for (; try_once(&scenes[_i], &world, &(Step){.at = n}); tries++)
        n += stride();
    g_print("%-8s killed at %u of %u stops\n", scenes[_i].name, tries, n);
    ck_assert_uint_gt(n, 20);
    clear_world(&world);
}
END_TEST

START_TEST(test_store_crash__every_call_fails_once_in_every_way)
{
    static const int errors[] = {ENOSPC, EIO, ENOMEM, EMFILE};
    if (!is_wanted(&scenes[_i]))
        return;
    World world = make_world(&scenes[_i]);
    for (guint e = 0; e < G_N_ELEMENTS(errors); e++) {
        guint n = 1;
        while (try_once(&scenes[_i], &world, &(Step){.at = n, .error = errors[e]}))
            n += stride();
        g_print("%-8s errno %d at %u calls\n", scenes[_i].name, errors[e], (n - 1) / stride());
    }
    clear_world(&world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_crash");
    TCase *cases = tcase_create("store_crash");
    tcase_set_timeout(cases, 1800);
    tcase_add_loop_test(cases, test_store_crash__killed_at_every_stop, 0, G_N_ELEMENTS(scenes));
    tcase_add_loop_test(cases, test_store_crash__every_call_fails_once_in_every_way, 0, G_N_ELEMENTS(scenes));
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
