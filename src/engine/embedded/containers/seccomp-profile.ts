/**
 * Which system calls a container may make; every other one fails with EPERM. The rules are those that Docker
 * documents (docs.docker.com/engine/security/seccomp): what a namespace, a capability or a cgroup already confines is
 * allowed, what would reach around them is not. Names that an architecture does not have are ignored by the runtime.
 */
export const allowedCalls: readonly string[] = words(`
	access faccessat faccessat2 open openat openat2 creat close close_range read readv pread64 preadv preadv2
	write writev pwrite64 pwritev pwritev2 lseek _llseek dup dup2 dup3 fcntl fcntl64 flock ioctl
	stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64 statmount listmount
	truncate truncate64 ftruncate ftruncate64 fallocate fadvise64 fadvise64_64 readahead sync syncfs fsync fdatasync
	sync_file_range copy_file_range sendfile sendfile64 splice tee vmsplice cachestat
	link linkat symlink symlinkat unlink unlinkat rename renameat renameat2 readlink readlinkat mkdir mkdirat rmdir mknod mknodat
	chdir fchdir getcwd chmod fchmod fchmodat fchmodat2 chown chown32 fchown fchown32 fchownat lchown lchown32 umask
	utime utimes futimesat utimensat utimensat_time64 getdents getdents64 name_to_handle_at
	getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
	listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
	inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark
	landlock_create_ruleset landlock_add_rule landlock_restrict_self

	brk mmap mmap2 munmap mremap mprotect msync madvise mincore mlock mlock2 mlockall munlock munlockall mseal
	remap_file_pages memfd_create memfd_secret membarrier map_shadow_stack pkey_alloc pkey_free pkey_mprotect process_mrelease

	poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
	epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
	eventfd eventfd2 signalfd signalfd4 pipe pipe2
	io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64

	accept accept4 bind connect listen getpeername getsockname getsockopt setsockopt shutdown socketpair socketcall
	recv recvfrom recvmsg recvmmsg recvmmsg_time64 send sendto sendmsg sendmmsg

	fork vfork execve execveat exit exit_group wait4 waitid waitpid kill tkill tgkill pidfd_open pidfd_send_signal
	getpid getppid gettid getpgid getpgrp setpgid getsid setsid set_tid_address prctl seccomp restart_syscall rseq
	getpriority setpriority ioprio_get ioprio_set getrusage getrlimit setrlimit ugetrlimit prlimit64 times
	get_robust_list set_robust_list get_thread_area set_thread_area uretprobe
	futex futex_time64 futex_wait futex_wake futex_requeue futex_waitv
	sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam sched_getscheduler
	sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval sched_rr_get_interval_time64 sched_yield
	rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
	rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn pause alarm getitimer setitimer

	getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
	getgroups getgroups32 setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32
	setresgid setresgid32 setfsuid setfsuid32 setfsgid setfsgid32 setgroups setgroups32 capget capset

	time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
	clock_nanosleep_time64 nanosleep adjtimex clock_adjtime clock_adjtime64
	timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
	timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
	uname sysinfo getcpu getrandom

	ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
	mq_open mq_unlink mq_notify mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64

	process_vm_readv process_vm_writev ptrace
`);

/** Allowed in addition to whoever holds the capability. */
export const callsByCapability: Readonly<Record<string, readonly string[]>> = {
	CAP_BPF: ['bpf'],
	CAP_DAC_READ_SEARCH: ['open_by_handle_at'],
	CAP_PERFMON: ['perf_event_open'],
	CAP_SYSLOG: ['syslog'],
	CAP_SYS_ADMIN: words(`
		bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr lsm_list_modules
		lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname
		sethostname setns syslog umount umount2 unshare
	`),
	CAP_SYS_BOOT: ['reboot'],
	CAP_SYS_CHROOT: ['chroot'],
	CAP_SYS_MODULE: ['delete_module', 'init_module', 'finit_module'],
	CAP_SYS_NICE: ['get_mempolicy', 'mbind', 'set_mempolicy', 'set_mempolicy_home_node'],
	CAP_SYS_PACCT: ['acct'],
	CAP_SYS_PTRACE: ['kcmp', 'pidfd_getfd', 'process_madvise'],
	CAP_SYS_RAWIO: ['iopl', 'ioperm'],
	CAP_SYS_TIME: ['settimeofday', 'stime', 'clock_settime', 'clock_settime64'],
	CAP_SYS_TTY_CONFIG: ['vhangup'],
};

/** How one kind of machine is called, which older forms it also runs, and what only it has. */
export interface SeccompArchitecture {
	readonly architectures: readonly string[];
	readonly calls: readonly string[];
}

/** By Node's `process.arch`. */
export const seccompArchitectures: Readonly<Record<string, SeccompArchitecture>> = {
	// Without x32, which kernels are hardly ever built with: a filter for it is a quarter of the work of a start.
	x64: {
		architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
		calls: ['arch_prctl', 'modify_ldt'],
	},
	arm64: {
		architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
		calls: words('arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls'),
	},
	riscv64: { architectures: ['SCMP_ARCH_RISCV64'], calls: ['riscv_flush_icache', 'riscv_hwprobe'] },
	ppc64: { architectures: ['SCMP_ARCH_PPC64LE'], calls: ['sync_file_range2', 'swapcontext'] },
	s390x: {
		architectures: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
		calls: words('s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr'),
	},
	loong64: { architectures: ['SCMP_ARCH_LOONGARCH64'], calls: [] },
};

/** Harmless execution domains: Linux, its BSD-like form, 32-bit look, both, and "ask only". Source: linux/personality.h */
export const allowedPersonalities: readonly number[] = [0x0, 0x0008, 0x20000, 0x20008, 0xffffffff];

/** Socket families that leave the container's own network: AF_ALG reaches the kernel's crypto, AF_VSOCK the hypervisor. */
export const refusedSocketFamilies = { alg: 38, vsock: 40 } as const;

/** The CLONE_NEW… flags: without CAP_SYS_ADMIN nobody makes a namespace. Source: linux/sched.h */
export const namespaceFlags = 0x7e020000;

function words(text: string): readonly string[] {
	return text.trim().split(/\s+/);
}
