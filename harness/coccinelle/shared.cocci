// SPDX-License-Identifier: GPL-2.0-only
/// What one CPU reads without a lock while another writes it is read and written by the accessors
/// that say so.

virtual report

@initialize:python@
@@
def say(place, what):
    if place.current_element != "something_else":
        coccilib.report.print_report(place, "%s() uses %s without accessor" %
                                     (place.current_element, what))

@generation@
struct seamldr_update *update;
position p;
@@
update->generation@p

// The CPU that publishes is the only writer, and may read what it wrote.
@generation_by_accessor@
struct seamldr_update *update;
position generation.p;
@@
(
smp_load_acquire(&update->generation@p)
|
smp_store_release(&update->generation@p, ...)
|
publish(update, update->generation@p + 1)
)

@script:python depends on report && !generation_by_accessor@
p << generation.p;
@@
say(p[0], "the generation")

// sysfs reads it while the upload's worker writes it.
@reason@
identifier word;
@@
static enum seamldr_reason word;

@reason_used@
identifier reason.word;
position p;
@@
word@p

@reason_by_accessor@
identifier reason.word;
position reason_used.p;
@@
(
READ_ONCE(word@p)
|
WRITE_ONCE(word@p, ...)
)

@script:python depends on report && !reason_by_accessor@
p << reason_used.p;
word << reason.word;
@@
say(p[0], word)

@status@
symbol tdx_module_state;
position p;
@@
tdx_module_state.status@p

@status_by_accessor@
symbol tdx_module_state;
position status.p;
@@
(
READ_ONCE(tdx_module_state.status@p)
|
WRITE_ONCE(tdx_module_state.status@p, ...)
)

@script:python depends on report && !status_by_accessor@
p << status.p;
@@
say(p[0], "the module's status")
