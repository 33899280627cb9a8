// SPDX-License-Identifier: GPL-2.0-only
/// While all CPUs are stopped nobody prints, traces, allocates, sleeps, or takes a lock that a CPU
/// may hold that is stopped. That goes for update_on_cpu(), the steps, and all that these call, in
/// whatever of the files.

virtual report

@initialize:python@
@@
import re

FORBIDDEN = re.compile(
    "_?printk|pr_[a-z]+$|_?dev_(err|warn|notice|info|dbg)|dump_stack|trace_"
    "|k[a-z]*alloc|v[a-z]*alloc|alloc_page|__get_free_page|k?v?free|free_page|kmemdup|kstrdup"
    "|mutex_lock|down_|spin_lock|rt_mutex_lock|cpus_read_lock|smp_call_function"
    "|schedule|cond_resched|might_sleep|msleep|usleep_range|wait_|synchronize_")
SLEEPING_CLASSES = ("mutex", "spinlock", "spinlock_irq", "spinlock_irqsave", "cpus_read_lock")
roots = {"update_on_cpu"}
calls = {}

def note(place, callee, is_bad):
    calls.setdefault(place.current_element, []).append((callee, is_bad, place))

def reachable():
    reached, left = set(), list(roots)
    while left:
        function = left.pop()
        if function not in reached:
            reached.add(function)
            left += [callee for callee, is_bad, place in calls.get(function, [])]
    return reached

@call@
identifier callee;
position p;
@@
callee@p(...)

@script:python@
callee << call.callee;
p << call.p;
@@
note(p[0], callee, FORBIDDEN.match(callee))

@guard@
identifier lock;
position p;
@@
guard(lock)@p(...)

@script:python@
lock << guard.lock;
p << guard.p;
@@
note(p[0], "guard(%s)" % lock, lock in SLEEPING_CLASSES)

@scoped@
iterator name scoped_guard;
identifier lock;
statement s;
position p;
@@
scoped_guard@p(lock, ...) s

@script:python@
lock << scoped.lock;
p << scoped.p;
@@
note(p[0], "scoped_guard(%s)" % lock, lock in SLEEPING_CLASSES)

// What has the type of a step's function.
@step@
identifier f, update, cpu;
@@
void f(struct seamldr_update *update, unsigned int cpu) { ... }

@script:python@
f << step.f;
@@
roots.add(f)

@finalize:python depends on report@
@@
for function in sorted(reachable()):
    for callee, is_bad, place in calls.get(function, []):
        if is_bad:
            print("%s:%s: %s() calls %s while all CPUs are stopped"
                  % (place.file, place.line, function, callee))
