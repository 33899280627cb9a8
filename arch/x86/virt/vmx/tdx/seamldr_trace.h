/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tdx

#if !defined(_X86_VIRT_SEAMLDR_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _X86_VIRT_SEAMLDR_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* Emitted after the CPUs were let go, from what was recorded before */
TRACE_EVENT(seamldr_update_step,
	    TP_PROTO(const char *step, unsigned int cpu, u64 status, u64 duration),
	    TP_ARGS(step, cpu, status, duration),
	    TP_STRUCT__entry(__string(step, step)
			     __field(unsigned int, cpu)
			     __field(u64, status)
			     __field(u64, duration)),
	    TP_fast_assign(__assign_str(step);
			   __entry->cpu = cpu;
			   __entry->status = status;
			   __entry->duration = duration;),
	    TP_printk("step=%s cpu=%u status=0x%016llx duration_ns=%llu",
		      __get_str(step), __entry->cpu, __entry->status,
		      __entry->duration)
);

#endif /* _X86_VIRT_SEAMLDR_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE seamldr_trace
#include <trace/define_trace.h>
