// SPDX-License-Identifier: GPL-2.0-only
/// The P-SEAMLDR takes one CPU at a time, and may cost KVM its current VMCS: it is called by
/// seamldr_call() and nothing else, under its lock.
///
/// seamldr_seamcall() and seamldr_seamcall_ret() are the ways into the firmware, module_call() the one
/// that calls the TDX module.

virtual report

@initialize:python@
@@
def say(place, what):
    coccilib.report.print_report(place, "%s() %s" % (place.current_element, what))

@into_the_firmware@
identifier call =~ "^seamldr_seamcall\(_ret\)?$";
position p;
@@
call@p(...)

@script:python depends on report@
p << into_the_firmware.p;
@@
if p[0].current_element not in ("seamldr_call_until_taken", "seamldr_call_again",
				"module_call", "module_call_again"):
    say(p[0], "calls the firmware past seamldr_call() and module_call()")

@past_the_lock@
position p;
@@
seamldr_call_until_taken@p(...)

@script:python depends on report@
p << past_the_lock.p;
@@
if p[0].current_element != "seamldr_call":
    say(p[0], "calls the P-SEAMLDR past seamldr_call()")

@past_the_stub@
identifier call =~ "^_*seamcall";
position p;
@@
call@p(...)

@script:python depends on report@
p << past_the_stub.p;
@@
if p[0].current_element not in ("seamldr_seamcall", "seamldr_seamcall_ret"):
    say(p[0], "makes a SEAMCALL past seamldr_seamcall()")

@leaf@
identifier call != seamldr_call;
identifier number =~ "^SEAMLDR_\(LEAF\|INFO\|INSTALL\)$";
position p;
@@
call@p(..., number, ...)

@script:python depends on report@
p << leaf.p;
number << leaf.number;
call << leaf.call;
@@
say(p[0], "passes %s to %s(), not to seamldr_call()" % (number, call))
