// SPDX-License-Identifier: GPL-2.0
/*
 * A small VMM for TDs: see td_vmm.h. KVM's interface for TDs is described in
 * Documentation/virt/kvm/x86/intel-tdx.rst.
 */
#define _GNU_SOURCE
#include "td_vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/const.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>

#include "td_emulator.h"

#define PAGE_SIZE		4096UL
/* Program and data. */
#define MEASURED_PAGES		2
#define GPA_BITS		48
#define CPUID_ADDRESS_SIZES	0x80000008U
#define CPUID_PHYS_BITS_MASK	0xffU
#define CPUID_GPA_BITS_SHIFT	16
#define CPUID_GPA_BITS_MASK	0xff0000U
#define MAX_CPUIDS		256
#define IOAPIC_ROUTES		24
#define MSI_ADDRESS_BASE	0xfee00000U
#define MSI_DESTINATION_SHIFT	12
#define TD_ATTR_SEPT_VE_DISABLE	_BITULL(28)
#define KICK_SIGNAL		SIGUSR1
#define POLL_NSEC		2000000L
#define MSEC_PER_SEC		1000
#define NSEC_PER_MSEC		1000000L

struct vcpu {
	struct td *td;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool has_thread;

	/* Protected by td->lock. */
	bool quit;
	bool in_guest;
	__u32 budget;		/* counts until it pauses; 0: no end */
	struct td_vcpu_status status;
};

struct td {
	int kvm;
	int vm;
	int memfd;
	void *shared;
	size_t memory_size;
	size_t run_size;
	unsigned char *image;
	size_t image_size;
	unsigned int nr_vcpus;
	struct vcpu vcpu[TD_MAX_VCPUS];

	const char *where;
	__u64 hw_error;

	/* What vCPU threads and their driver share. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int nr_lost;
	unsigned char mrtd[TD_MRTD_SIZE];
	unsigned int mrtd_bytes;
};

static bool kvm_has_tds(int kvm)
{
	int types = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES);

	return types > 0 && types & (1 << KVM_X86_TDX_VM);
}

bool td_supported(const char **why)
{
	bool has_tds;
	int kvm;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		*why = "no /dev/kvm";
		return false;
	}
	has_tds = kvm_has_tds(kvm);
	close(kvm);
	if (!has_tds) {
		*why = "KVM cannot create TDs";
		return false;
	}
	if (!emulator_present()) {
		*why = "TDs need the emulator's guest interpreter";
		return false;
	}
	return true;
}

static int failed(struct td *td, const char *where)
{
	int error = errno;

	td->where = where;
	return -error;
}

static void kick_handler(int signal)
{
	(void)signal;
}

/* Without SA_RESTART, so that it interrupts KVM_RUN. */
static int install_kick(void)
{
	struct sigaction action = { .sa_handler = kick_handler };

	return sigaction(KICK_SIGNAL, &action, NULL);
}

struct td *td_new(unsigned int nr_vcpus)
{
	struct td *td;

	if (!nr_vcpus || nr_vcpus > TD_MAX_VCPUS) {
		errno = EINVAL;
		return NULL;
	}
	td = calloc(1, sizeof(*td));
	if (!td)
		return NULL;
	td->kvm = -1;
	td->vm = -1;
	td->memfd = -1;
	td->shared = MAP_FAILED;
	td->where = "nothing";
	td->nr_vcpus = nr_vcpus;
	td->memory_size = TD_AREA(nr_vcpus);
	td->image_size = nr_vcpus * MEASURED_PAGES * PAGE_SIZE;
	pthread_mutex_init(&td->lock, NULL);
	pthread_cond_init(&td->changed, NULL);
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		td->vcpu[i].td = td;
		td->vcpu[i].index = i;
		td->vcpu[i].fd = -1;
		td->vcpu[i].run = MAP_FAILED;
		td->vcpu[i].status.stop = TD_NOT_STARTED;
	}
	td->image = aligned_alloc(PAGE_SIZE, td->image_size);
	if (!td->image) {
		td_destroy(td);
		return NULL;
	}
	memset(td->image, 0, td->image_size);
	return td;
}

void td_program_at(struct td *td, unsigned int vcpu, size_t offset, const void *bytes,
		   size_t size)
{
	memcpy(td->image + vcpu * MEASURED_PAGES * PAGE_SIZE + offset, bytes, size);
}

void td_program(struct td *td, unsigned int vcpu, const struct td_insn *insns, size_t size)
{
	td_program_at(td, vcpu, 0, insns, size);
}

static int enable_cap(struct td *td, __u32 cap, __u64 arg)
{
	struct kvm_enable_cap enable = { .cap = cap, .args[0] = arg };

	return ioctl(td->vm, KVM_ENABLE_CAP, &enable);
}

static int create_vm(struct td *td)
{
	td->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (td->kvm < 0)
		return failed(td, "open /dev/kvm");
	td->vm = ioctl(td->kvm, KVM_CREATE_VM, KVM_X86_TDX_VM);
	if (td->vm < 0)
		return failed(td, "KVM_CREATE_VM");
	if (enable_cap(td, KVM_CAP_SPLIT_IRQCHIP, IOAPIC_ROUTES))
		return failed(td, "KVM_CAP_SPLIT_IRQCHIP");
	if (enable_cap(td, KVM_CAP_EXIT_HYPERCALL, 1 << KVM_HC_MAP_GPA_RANGE))
		return failed(td, "KVM_CAP_EXIT_HYPERCALL");
	if (install_kick())
		return failed(td, "sigaction");
	return 0;
}

static int set_private(struct td *td, __u64 gpa, __u64 size, bool private)
{
	struct kvm_memory_attributes attributes = {
		.address = gpa,
		.size = size,
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	return ioctl(td->vm, KVM_SET_MEMORY_ATTRIBUTES, &attributes);
}

static int add_memory(struct td *td)
{
	struct kvm_create_guest_memfd memfd = { .size = td->memory_size };
	struct kvm_userspace_memory_region2 region = {
		.flags = KVM_MEM_GUEST_MEMFD,
		.memory_size = td->memory_size,
	};

	td->memfd = ioctl(td->vm, KVM_CREATE_GUEST_MEMFD, &memfd);
	if (td->memfd < 0)
		return failed(td, "KVM_CREATE_GUEST_MEMFD");
	td->shared = mmap(NULL, td->memory_size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (td->shared == MAP_FAILED)
		return failed(td, "mmap of shared memory");
	region.userspace_addr = (unsigned long)td->shared;
	region.guest_memfd = td->memfd;
	if (ioctl(td->vm, KVM_SET_USER_MEMORY_REGION2, &region))
		return failed(td, "KVM_SET_USER_MEMORY_REGION2");
	if (set_private(td, 0, td->memory_size, true))
		return failed(td, "KVM_SET_MEMORY_ATTRIBUTES");
	return 0;
}

/* A command of KVM's TDX interface, on the VM or on a vCPU. */
static int tdx_command(struct td *td, int fd, __u32 id, __u32 flags, __u64 data)
{
	struct kvm_tdx_cmd command = { .id = id, .flags = flags, .data = data };
	int ret = ioctl(fd, KVM_MEMORY_ENCRYPT_OP, &command);

	td->hw_error = command.hw_error;
	return ret;
}

static struct kvm_cpuid2 *supported_cpuid(struct td *td)
{
	struct kvm_cpuid2 *cpuid;

	cpuid = calloc(1, sizeof(*cpuid) + MAX_CPUIDS * sizeof(cpuid->entries[0]));
	if (!cpuid)
		return NULL;
	cpuid->nent = MAX_CPUIDS;
	if (ioctl(td->kvm, KVM_GET_SUPPORTED_CPUID, cpuid)) {
		free(cpuid);
		return NULL;
	}
	return cpuid;
}

static const struct kvm_cpuid_entry2 *find_cpuid(const struct kvm_cpuid2 *cpuid,
						 const struct kvm_cpuid_entry2 *like)
{
	for (unsigned int i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == like->function &&
		    cpuid->entries[i].index == like->index)
			return &cpuid->entries[i];
	return NULL;
}

/* What the host can do, as far as the TDX module lets the VMM choose. */
static void configure_cpuid(struct kvm_cpuid_entry2 *entry, const struct kvm_cpuid2 *host)
{
	const struct kvm_cpuid_entry2 *found = find_cpuid(host, entry);

	entry->eax &= found ? found->eax : 0;
	entry->ebx &= found ? found->ebx : 0;
	entry->ecx &= found ? found->ecx : 0;
	entry->edx &= found ? found->edx : 0;
	if (entry->function == CPUID_ADDRESS_SIZES)
		entry->eax = (entry->eax & ~CPUID_GPA_BITS_MASK) |
			     GPA_BITS << CPUID_GPA_BITS_SHIFT;
}

static int init_vm(struct td *td, const struct kvm_cpuid2 *host,
		   struct kvm_tdx_capabilities *caps, struct kvm_tdx_init_vm *init)
{
	caps->cpuid.nent = MAX_CPUIDS;
	if (tdx_command(td, td->vm, KVM_TDX_CAPABILITIES, 0, (unsigned long)caps))
		return failed(td, "KVM_TDX_CAPABILITIES");

	init->attributes = caps->supported_attrs & TD_ATTR_SEPT_VE_DISABLE;
	init->cpuid.nent = caps->cpuid.nent;
	for (unsigned int i = 0; i < caps->cpuid.nent; i++) {
		init->cpuid.entries[i] = caps->cpuid.entries[i];
		configure_cpuid(&init->cpuid.entries[i], host);
	}
	if (tdx_command(td, td->vm, KVM_TDX_INIT_VM, 0, (unsigned long)init))
		return failed(td, "KVM_TDX_INIT_VM");
	return 0;
}

static int init_with_buffers(struct td *td)
{
	size_t entries_size = MAX_CPUIDS * sizeof(struct kvm_cpuid_entry2);
	struct kvm_tdx_capabilities *caps = calloc(1, sizeof(*caps) + entries_size);
	struct kvm_tdx_init_vm *init = calloc(1, sizeof(*init) + entries_size);
	struct kvm_cpuid2 *host = supported_cpuid(td);
	int ret;

	if (caps && init && host)
		ret = init_vm(td, host, caps, init);
	else
		ret = failed(td, "KVM_GET_SUPPORTED_CPUID");
	free(host);
	free(init);
	free(caps);
	return ret;
}

int td_init(struct td *td)
{
	int ret = create_vm(td);

	if (!ret)
		ret = add_memory(td);
	return ret ? ret : init_with_buffers(td);
}

/* GPAs with TD_SHARED must be legal for KVM, however narrow the host's addresses are. */
static void widen_addresses(struct kvm_cpuid2 *cpuid)
{
	for (unsigned int i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		if (entry->function == CPUID_ADDRESS_SIZES)
			entry->eax = (entry->eax & ~CPUID_PHYS_BITS_MASK) | GPA_BITS;
	}
}

static int add_vcpu(struct td *td, struct vcpu *vcpu, struct kvm_cpuid2 *host)
{
	vcpu->fd = ioctl(td->vm, KVM_CREATE_VCPU, vcpu->index);
	if (vcpu->fd < 0)
		return failed(td, "KVM_CREATE_VCPU");
	vcpu->run = mmap(NULL, td->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		return failed(td, "mmap of struct kvm_run");
	if (ioctl(vcpu->fd, KVM_SET_CPUID2, host))
		return failed(td, "KVM_SET_CPUID2");
	if (tdx_command(td, vcpu->fd, KVM_TDX_INIT_VCPU, 0, TD_PROGRAM(vcpu->index)))
		return failed(td, "KVM_TDX_INIT_VCPU");
	return 0;
}

int td_add_vcpus(struct td *td)
{
	struct kvm_cpuid2 *host = supported_cpuid(td);
	int size = ioctl(td->kvm, KVM_GET_VCPU_MMAP_SIZE);
	int ret = 0;

	if (!host || size < 0) {
		free(host);
		return failed(td, "KVM_GET_SUPPORTED_CPUID");
	}
	td->run_size = size;
	widen_addresses(host);
	for (unsigned int i = 0; !ret && i < td->nr_vcpus; i++)
		ret = add_vcpu(td, &td->vcpu[i], host);
	free(host);
	return ret;
}

/* KVM moves the region on as far as it came, and may be interrupted. */
static int add_measured(struct td *td, struct kvm_tdx_init_mem_region *region)
{
	while (region->nr_pages) {
		if (!tdx_command(td, td->vcpu[0].fd, KVM_TDX_INIT_MEM_REGION,
				 KVM_TDX_MEASURE_MEMORY_REGION, (unsigned long)region))
			continue;
		if (errno != EINTR && errno != EAGAIN)
			return failed(td, "KVM_TDX_INIT_MEM_REGION");
	}
	return 0;
}

int td_add_image(struct td *td)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < td->nr_vcpus; i++) {
		struct kvm_tdx_init_mem_region region = {
			.source_addr = (unsigned long)td->image +
				       i * MEASURED_PAGES * PAGE_SIZE,
			.gpa = TD_PROGRAM(i),
			.nr_pages = MEASURED_PAGES,
		};

		ret = add_measured(td, &region);
	}
	return ret;
}

int td_finalize(struct td *td)
{
	if (tdx_command(td, td->vm, KVM_TDX_FINALIZE_VM, 0, 0))
		return failed(td, "KVM_TDX_FINALIZE_VM");
	return 0;
}

struct td *td_new_counting(unsigned int nr_vcpus)
{
	struct td *td = td_new(nr_vcpus);
	int ret;

	if (!td)
		return NULL;
	for (unsigned int i = 0; i < nr_vcpus; i++) {
		const struct td_insn program[] = {
			{ .op = TD_OP_MRTD, .b = TD_PORT_MRTD },
			{ .op = TD_OP_COUNT, .a = TD_DATA(i), .b = TD_PORT_COUNT },
			{ .op = TD_OP_JUMP, .a = 1 },
		};

		td_program(td, i, program, sizeof(program));
	}
	ret = td_init(td);
	if (!ret)
		ret = td_add_vcpus(td);
	if (!ret)
		ret = td_add_image(td);
	if (!ret)
		ret = td_finalize(td);
	if (!ret)
		return td;
	td_destroy(td);
	errno = -ret;
	return NULL;
}

static void take_count(struct vcpu *vcpu, __u32 count)
{
	if (count != vcpu->status.count + 1) {
		vcpu->td->nr_lost++;
		vcpu->status.stop = TD_LOST_COUNT;
		vcpu->status.detail = count;
		return;
	}
	vcpu->status.count = count;
	if (!vcpu->budget || --vcpu->budget)
		return;
	if (vcpu->status.stop == TD_RUNNING)
		vcpu->status.stop = TD_PAUSED;
}

/* Every vCPU reports the same one: the first to come through is taken. */
static void take_mrtd(struct vcpu *vcpu, __u32 piece)
{
	struct td *td = vcpu->td;

	if (vcpu->index || td->mrtd_bytes == TD_MRTD_SIZE)
		return;
	memcpy(td->mrtd + td->mrtd_bytes, &piece, sizeof(piece));
	td->mrtd_bytes += sizeof(piece);
}

static void fail(struct vcpu *vcpu, int error, __u64 detail)
{
	vcpu->status.stop = TD_FAILED;
	vcpu->status.error = error;
	vcpu->status.exit_reason = vcpu->run->exit_reason;
	vcpu->status.detail = detail;
}

static void handle_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	__u32 value;

	if (run->io.direction != KVM_EXIT_IO_OUT || run->io.size != sizeof(value)) {
		fail(vcpu, 0, run->io.port);
		return;
	}
	memcpy(&value, (char *)run + run->io.data_offset, sizeof(value));
	switch (run->io.port) {
	case TD_PORT_COUNT:
		take_count(vcpu, value);
		break;
	case TD_PORT_MRTD:
		take_mrtd(vcpu, value);
		break;
	case TD_PORT_VALUE:
		vcpu->status.value = value;
		vcpu->status.nr_values++;
		break;
	default:
		fail(vcpu, 0, run->io.port);
	}
}

/* One register, wherever it is addressed. */
static void handle_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	vcpu->status.nr_mmio++;
	vcpu->status.mmio_gpa = run->mmio.phys_addr;
	if (run->mmio.is_write)
		memcpy(&vcpu->status.mmio_value, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, &vcpu->status.mmio_value, run->mmio.len);
}

/* MapGPA: the guest turns memory private or shared. */
static void handle_hypercall(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	bool private = run->hypercall.args[2] & KVM_MAP_GPA_RANGE_ENCRYPTED;

	if (run->hypercall.nr != KVM_HC_MAP_GPA_RANGE) {
		fail(vcpu, 0, run->hypercall.nr);
		return;
	}
	if (set_private(vcpu->td, run->hypercall.args[0], run->hypercall.args[1] * PAGE_SIZE,
			private))
		fail(vcpu, errno, run->hypercall.args[0]);
	run->hypercall.ret = 0;
}

static void handle_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		handle_io(vcpu);
		break;
	case KVM_EXIT_MMIO:
		handle_mmio(vcpu);
		break;
	case KVM_EXIT_HYPERCALL:
		handle_hypercall(vcpu);
		break;
	case KVM_EXIT_SHUTDOWN:
		vcpu->status.stop = TD_SHUT_DOWN;
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		fail(vcpu, 0, run->internal.ndata ? run->internal.data[0] : 0);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		fail(vcpu, 0, run->fail_entry.hardware_entry_failure_reason);
		break;
	default:
		fail(vcpu, 0, 0);
	}
}

/* Holds the lock but for the time in the guest. */
static void run_once(struct vcpu *vcpu)
{
	struct td *td = vcpu->td;
	int ret, error;

	vcpu->in_guest = true;
	pthread_mutex_unlock(&td->lock);
	ret = ioctl(vcpu->fd, KVM_RUN, NULL);
	error = errno;
	pthread_mutex_lock(&td->lock);
	vcpu->in_guest = false;

	if (!ret)
		handle_exit(vcpu);
	else if (error != EINTR)
		fail(vcpu, error, 0);
	pthread_cond_broadcast(&td->changed);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *vcpu = arg;
	struct td *td = vcpu->td;

	pthread_mutex_lock(&td->lock);
	while (!vcpu->quit) {
		if (vcpu->status.stop == TD_RUNNING)
			run_once(vcpu);
		else
			pthread_cond_wait(&td->changed, &td->lock);
	}
	pthread_mutex_unlock(&td->lock);
	return NULL;
}

static int start_thread(struct vcpu *vcpu)
{
	int error;

	if (vcpu->has_thread)
		return 0;
	error = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);
	if (error) {
		errno = error;
		return failed(vcpu->td, "pthread_create");
	}
	vcpu->has_thread = true;
	return 0;
}

/* A vCPU that has lost a count or shut down has nothing to go on with. */
static void set_running(struct vcpu *vcpu, __u32 budget)
{
	if (vcpu->status.stop == TD_LOST_COUNT || vcpu->status.stop == TD_SHUT_DOWN)
		return;
	vcpu->run->immediate_exit = 0;
	vcpu->budget = budget;
	vcpu->status.stop = TD_RUNNING;
}

static int run_vcpu(struct vcpu *vcpu, __u32 budget)
{
	int ret = start_thread(vcpu);

	if (ret)
		return ret;
	pthread_mutex_lock(&vcpu->td->lock);
	set_running(vcpu, budget);
	pthread_cond_broadcast(&vcpu->td->changed);
	pthread_mutex_unlock(&vcpu->td->lock);
	return 0;
}

int td_run(struct td *td)
{
	int ret = 0;

	for (unsigned int i = 0; !ret && i < td->nr_vcpus; i++)
		ret = run_vcpu(&td->vcpu[i], 0);
	return ret;
}

int td_step(struct td *td, unsigned int vcpu, __u32 counts)
{
	return run_vcpu(&td->vcpu[vcpu], counts);
}

/* Lock held. immediate_exit makes up for a signal that comes before KVM_RUN. */
static void kick(struct vcpu *vcpu)
{
	if (!vcpu->has_thread)
		return;
	vcpu->run->immediate_exit = 1;
	pthread_kill(vcpu->thread, KICK_SIGNAL);
}

void td_pause(struct td *td)
{
	pthread_mutex_lock(&td->lock);
	for (unsigned int i = 0; i < td->nr_vcpus; i++) {
		if (td->vcpu[i].status.stop == TD_RUNNING)
			td->vcpu[i].status.stop = TD_PAUSED;
		kick(&td->vcpu[i]);
	}
	for (unsigned int i = 0; i < td->nr_vcpus; i++)
		while (td->vcpu[i].in_guest)
			pthread_cond_wait(&td->changed, &td->lock);
	pthread_mutex_unlock(&td->lock);
}

void td_status(struct td *td, unsigned int vcpu, struct td_vcpu_status *status)
{
	pthread_mutex_lock(&td->lock);
	*status = td->vcpu[vcpu].status;
	pthread_mutex_unlock(&td->lock);
}

static struct timespec deadline_in(unsigned int timeout_ms)
{
	struct timespec at;
	long nsec;

	clock_gettime(CLOCK_MONOTONIC, &at);
	nsec = at.tv_nsec + timeout_ms % MSEC_PER_SEC * NSEC_PER_MSEC;
	at.tv_sec += timeout_ms / MSEC_PER_SEC + nsec / (MSEC_PER_SEC * NSEC_PER_MSEC);
	at.tv_nsec = nsec % (MSEC_PER_SEC * NSEC_PER_MSEC);
	return at;
}

static bool is_past(const struct timespec *at)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > at->tv_sec ||
	       (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

int td_wait(struct td *td, bool (*done)(struct td *td, void *arg), void *arg,
	    unsigned int timeout_ms)
{
	const struct timespec poll = { .tv_nsec = POLL_NSEC };
	struct timespec deadline = deadline_in(timeout_ms);

	while (!done(td, arg)) {
		if (is_past(&deadline))
			return -ETIMEDOUT;
		nanosleep(&poll, NULL);
	}
	return 0;
}

struct count_goal {
	__u32 count[TD_MAX_VCPUS];
	bool stopped;
};

static bool counts_reached(struct td *td, void *arg)
{
	struct count_goal *goal = arg;
	struct td_vcpu_status status;
	bool reached = true;

	for (unsigned int i = 0; i < td->nr_vcpus; i++) {
		td_status(td, i, &status);
		if (status.count >= goal->count[i])
			continue;
		reached = false;
		goal->stopped |= status.stop != TD_RUNNING;
	}
	return reached || goal->stopped;
}

int td_wait_counts(struct td *td, __u32 counts, unsigned int timeout_ms)
{
	struct count_goal goal = { .stopped = false };
	struct td_vcpu_status status;
	int ret;

	for (unsigned int i = 0; i < td->nr_vcpus; i++) {
		td_status(td, i, &status);
		goal.count[i] = status.count + counts;
	}
	ret = td_wait(td, counts_reached, &goal, timeout_ms);
	return goal.stopped ? -EIO : ret;
}

static bool has_stopped(struct td *td, void *arg)
{
	struct td_vcpu_status status;

	td_status(td, *(unsigned int *)arg, &status);
	return status.stop != TD_RUNNING;
}

int td_wait_stop(struct td *td, unsigned int vcpu, unsigned int timeout_ms)
{
	return td_wait(td, has_stopped, &vcpu, timeout_ms);
}

struct value_goal {
	unsigned int vcpu;
	unsigned int nr;
	bool stopped;
};

static bool values_reached(struct td *td, void *arg)
{
	struct value_goal *goal = arg;
	struct td_vcpu_status status;

	td_status(td, goal->vcpu, &status);
	if (status.nr_values >= goal->nr)
		return true;
	goal->stopped = status.stop != TD_RUNNING;
	return goal->stopped;
}

int td_wait_values(struct td *td, unsigned int vcpu, unsigned int nr, unsigned int timeout_ms)
{
	struct value_goal goal = { .vcpu = vcpu, .nr = nr };
	int ret = td_wait(td, values_reached, &goal, timeout_ms);

	return goal.stopped ? -EIO : ret;
}

unsigned int td_nr_lost(struct td *td)
{
	unsigned int nr;

	pthread_mutex_lock(&td->lock);
	nr = td->nr_lost;
	pthread_mutex_unlock(&td->lock);
	return nr;
}

int td_interrupt(struct td *td, unsigned int vcpu, unsigned int vector)
{
	struct kvm_msi msi = {
		.address_lo = MSI_ADDRESS_BASE | vcpu << MSI_DESTINATION_SHIFT,
		.data = vector,
	};

	if (ioctl(td->vm, KVM_SIGNAL_MSI, &msi) < 0)
		return failed(td, "KVM_SIGNAL_MSI");
	return 0;
}

int td_nmi(struct td *td, unsigned int vcpu)
{
	if (ioctl(td->vcpu[vcpu].fd, KVM_NMI))
		return failed(td, "KVM_NMI");
	return 0;
}

int td_move(struct td *td, unsigned int vcpu, unsigned int cpu)
{
	cpu_set_t cpus;
	int error;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	error = pthread_setaffinity_np(td->vcpu[vcpu].thread, sizeof(cpus), &cpus);
	if (!error)
		return 0;
	errno = error;
	return failed(td, "pthread_setaffinity_np");
}

int td_discard(struct td *td, __u64 gpa, __u64 size)
{
	if (fallocate(td->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, gpa, size))
		return failed(td, "fallocate of guest_memfd");
	return 0;
}

int td_prefault(struct td *td, unsigned int vcpu, __u64 gpa, __u64 size)
{
	struct kvm_pre_fault_memory range = { .gpa = gpa, .size = size };

	while (range.size)
		if (ioctl(td->vcpu[vcpu].fd, KVM_PRE_FAULT_MEMORY, &range))
			return failed(td, "KVM_PRE_FAULT_MEMORY");
	return 0;
}

static __u64 *shared_word(struct td *td, __u64 gpa)
{
	return (__u64 *)((char *)td->shared + gpa);
}

void td_shared_write(struct td *td, __u64 gpa, __u64 value)
{
	__atomic_store_n(shared_word(td, gpa), value, __ATOMIC_RELAXED);
}

__u64 td_shared_read(struct td *td, __u64 gpa)
{
	return __atomic_load_n(shared_word(td, gpa), __ATOMIC_RELAXED);
}

int td_mrtd(struct td *td, unsigned char mrtd[TD_MRTD_SIZE])
{
	int ret = -ENODATA;

	pthread_mutex_lock(&td->lock);
	if (td->mrtd_bytes == TD_MRTD_SIZE) {
		memcpy(mrtd, td->mrtd, TD_MRTD_SIZE);
		ret = 0;
	}
	pthread_mutex_unlock(&td->lock);
	return ret;
}

const char *td_where(const struct td *td)
{
	return td->where;
}

__u64 td_hw_error(const struct td *td)
{
	return td->hw_error;
}

static void stop_thread(struct vcpu *vcpu)
{
	struct td *td = vcpu->td;

	if (!vcpu->has_thread)
		return;
	pthread_mutex_lock(&td->lock);
	vcpu->quit = true;
	kick(vcpu);
	pthread_cond_broadcast(&td->changed);
	pthread_mutex_unlock(&td->lock);
	pthread_join(vcpu->thread, NULL);
	vcpu->has_thread = false;
}

static void close_vcpu(struct td *td, struct vcpu *vcpu)
{
	if (vcpu->run != MAP_FAILED)
		munmap(vcpu->run, td->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void td_destroy(struct td *td)
{
	if (!td)
		return;
	for (unsigned int i = 0; i < td->nr_vcpus; i++)
		stop_thread(&td->vcpu[i]);
	for (unsigned int i = 0; i < td->nr_vcpus; i++)
		close_vcpu(td, &td->vcpu[i]);
	close_if_open(td->memfd);
	close_if_open(td->vm);
	close_if_open(td->kvm);
	if (td->shared != MAP_FAILED)
		munmap(td->shared, td->memory_size);
	pthread_cond_destroy(&td->changed);
	pthread_mutex_destroy(&td->lock);
	free(td->image);
	free(td);
}
