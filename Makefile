# SPDX-License-Identifier: GPL-2.0-only
# The project's commands; `make help` lists them. What they do is in harness/, one script each.

MAKEFLAGS += --no-print-directory
export BASE IMAGE KERNEL KERNEL_SRC MIRROR RELEASE ROUNDS SCENARIOS SLOW TDX_IMAGES V VARIANT VCPUS

# Inside the toolbox only its real name is there.
override TDX_IMAGES := $(if $(TDX_IMAGES),$(shell realpath -m "$(TDX_IMAGES)"))

build := $(CURDIR)/build
stage := harness/stage
enter := harness/enter

# A ready kernel needs no source, mainline's only the base.
source := $(if $(KERNEL),,$(if $(BASE),base,tree))

TESTS ?= $(sort $(wildcard harness/t/*.t))
quick := seamsim series tdxmod refusals

## Commands:
##   demo       an update of the TDX module on the emulated host, shown
##   shell      a prompt in the same guest; 'exit' ends it
##   check      all tests, or TESTS="harness/t/update.t ..."
##   quick      the tests that one runs all day
##   series-check  the series patch by patch, and without each of the patches that may be dropped
##   mainline-fixes  what the patches of series/mainline/ mend on the untouched base
##   distro-check  an update on a kernel with Debian's own configuration
##   check-full what takes longer, in stages; begun again it goes on where it was interrupted
##   fuzz       all fuzz targets, or TARGET="blob ...", TIME=60 seconds each
##   coverage   what the tests reach in the kernel's files and in the models
##   compare    what becomes of TDs in each scenario, on mainline's kernel and on this one
##   bench      what an update costs, on mainline's kernel and on this one
##   bench-loop what a developer waits for
##   mutants    change the kernel files in one place at a time, and see the tests fail: for hours, but
##              what was seen is kept; or only MUTANTS="NAME ..."
##   kernel     only the guest kernel
##   tree       build/linux: the base with series/ applied, a git tree to work in
##   export     series/ and the whole kernel files here, from the commits of build/linux
##   patches    mails of the series in build/patches/, from you and with your sign-off
##   deb        Debian packages with Debian's own configuration; hours
##   tdxmod     only the image tool ('make -C tdxmod install' for good)
##   seamsim    only the emulator
##   toolbox    only the Debian root in which everything runs, in the cache
##   clean      remove build/, but not the cache; build/linux stays if it has work of its own
## Variables:
##   IMAGE=FILE        demo: a real or test image
##   BASE=mainline     kernel, demo, shell: the untouched base, with mainline's implementation
##   KERNEL=BZIMAGE    demo, shell, check: a kernel built elsewhere
##   KERNEL_SRC=DIR    a kernel tree as base, instead of Debian's linux-source
##   RELEASE=7.2       that release of Debian's as base; best in a clone of its own
##   VARIANT=NAME      kernel: with harness/config/NAME.config
##   TDX_IMAGES=DIR    check: Intel's repository of TDX module binaries, to be verified and installed
##   ROUNDS=N          bench: how often each guest is booted (3)
##   OUT=DIR           bench, bench-loop: where results go (build/bench)
##   PART="patches"    series-check: only that, or "drop any", "drop NAME"
##   VCPUS=N           demo, shell: number of vCPUs (2)
##   STATUS=1          check-full: only show the state of the stages
##   MIRROR=URI        Debian mirror, instead of the one this machine uses
##   V=1               show commands and their output
.PHONY: help
help:
	@sed -n 's/^## \?//p' Makefile

.PHONY: demo shell
demo: kernel-image seamsim tdxmod guest
	@$(enter) harness/demo

shell: kernel-image seamsim guest
	@$(enter) harness/boot -n shell

.PHONY: check quick check-full
check: kernel-image seamsim tdxmod guest images
	@$(enter) harness/check $(TESTS)

quick:
	@$(MAKE) check TESTS="$(quick:%=harness/t/%.t)"

.PHONY: series-check
series-check: tree seamsim tdxmod guest images
	@PART="$(PART)" $(enter) harness/check harness/series-check

.PHONY: mainline-fixes distro-check
mainline-fixes distro-check: tree seamsim tdxmod guest images
	@$(enter) harness/check harness/$@

check-full: tree
	@harness/check-full $(if $(STATUS),-l)

.PHONY: host toolbox base tree export patches
host:
	@$(stage) host harness/host

toolbox: host
	@$(stage) toolbox harness/toolbox

base: host
	@$(stage) base harness/base

tree: toolbox base
	@$(stage) tree $(enter) harness/tree

export: toolbox
	@$(stage) export $(enter) harness/export

patches: tree
	@SENDER="$$(git var GIT_AUTHOR_IDENT | sed 's/ [0-9]* [-+][0-9]*$$//')" \
		$(enter) harness/patches

.PHONY: deb
deb: toolbox tree
	@$(stage) deb $(enter) harness/deb

.PHONY: kernel kernel-image
kernel-image: toolbox $(source)
	@$(stage) kernel$(BASE:%=-%)$(VARIANT:%=-%) $(enter) harness/kernel

kernel: kernel-image
	@echo "kernel: $$($(enter) harness/kernel)"

.PHONY: seamsim tdxmod guest images
seamsim: toolbox
	@$(stage) seamsim $(enter) make -C seamsim O=$(build)/seamsim

tdxmod: toolbox
	@$(stage) tdxmod $(enter) make -C tdxmod O=$(build)/tdxmod all tdxmod-static

guest: toolbox base tdxmod
	@$(stage) guest $(enter) harness/initramfs

images: tdxmod
	@$(stage) images $(enter) harness/images

.PHONY: compare
compare: kernel-image seamsim guest images
	@$(MAKE) BASE=mainline kernel-image
	@$(enter) harness/compare

.PHONY: coverage
coverage:
	@$(MAKE) VARIANT=coverage kernel-image seamsim tdxmod guest images
	@$(enter) harness/coverage

.PHONY: fuzz
fuzz: tdxmod
	@$(enter) harness/fuzz -t $(or $(TIME),60) $(TARGET)

.PHONY: bench bench-loop
bench: bench-loop
	@$(MAKE) VARIANT=bench kernel-image
	@$(MAKE) VARIANT=bench BASE=mainline kernel-image
	@$(enter) harness/bench $(OUT:%=-o %)

bench-loop: kernel-image seamsim tdxmod guest images
	@harness/bench-loop $(OUT:%=-o %)

.PHONY: mutants
mutants: kernel-image seamsim tdxmod guest images
	@$(enter) harness/mutants $(MUTANTS)

.PHONY: clean
clean:
	@harness/clean
