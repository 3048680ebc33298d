#include "step.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

void step_begin(void)
{
    (void)getppid();
}

typedef struct Stepper {
    pid_t child;
    const Step *step; /* borrowed */
    guint n;
    gboolean begun, inside, failing, hit;
} Stepper;

static pid_t start(StepAct act, gpointer user)
{
    pid_t child = fork();
    g_assert(child >= 0);
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        _exit(act(user));
    }
    int status = 0;
    waitpid(child, &status, 0);
    g_assert(WIFSTOPPED(status));
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
    return child;
}

/* At the entry of a call: whether this is the one to fail. */
static void maybe_fail(Stepper *s, struct user_regs_struct *regs)
{
    if (++s->n != s->step->at || regs->orig_rax == SYS_exit_group)
        return;
    regs->orig_rax = (unsigned long long)-1;
    ptrace(PTRACE_SETREGS, s->child, 0, regs);
    s->failing = s->hit = TRUE;
}

static void finish_failing(Stepper *s, struct user_regs_struct *regs)
{
    regs->rax = (unsigned long long)-(long long)s->step->error;
    ptrace(PTRACE_SETREGS, s->child, 0, regs);
    s->failing = FALSE;
}

static void at_call(Stepper *s)
{
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, s->child, 0, &regs);
    s->inside = !s->inside;
    if (!s->begun) {
        s->begun = !s->inside && regs.orig_rax == SYS_getppid;
        return;
    }
    if (s->failing)
        finish_failing(s, &regs);
    else if (s->step->error && s->inside)
        maybe_fail(s, &regs);
    else if (!s->step->error && ++s->n == s->step->at) {
        s->hit = TRUE;
        kill(s->child, SIGKILL);
    }
}

gboolean step_run(StepAct act, gpointer user, const Step *step, int *ret_status)
{
    Stepper s = {.child = start(act, user), .step = step};
    int status = 0;
    long signal_number = 0;
    for (;;) {
        ptrace(PTRACE_SYSCALL, s.child, 0, signal_number);
        signal_number = 0;
        if (waitpid(s.child, &status, 0) < 0 || !WIFSTOPPED(status))
            break;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            at_call(&s);
        else
            signal_number = WSTOPSIG(status);
    }
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return s.hit;
}
