// The Go structs of an inspected container: field names, types and names in the JSON of go-dockerclient v1.2, which
// Registrator v7 was built with. Pointers to numbers are numbers here.
#pragma once
#include "common/tmpl/json_shape.h"
#include "common/tmpl/registrator/port.h"
#include "common/tmpl/time_value.h"

namespace longshore::tmpl::registrator {

using shape::boolean;
using shape::integer;
using shape::integer64;
using shape::labels;
using shape::list;
using shape::map;
using shape::record;
using shape::Slot;
using shape::text;
using shape::texts;

// Prints as a number of nanoseconds.
inline const Type& duration() {
  static constexpr Type kDuration{.kind = Kind::int64, .name = "time.Duration"};
  return kDuration;
}
inline const Type& nothing() {
  static constexpr Type kEmpty{.kind = Kind::record, .name = "struct {}"};
  return kEmpty;
}

struct HealthCheckShape {
  static constexpr std::string_view kName = "docker.HealthCheck";
  static constexpr Slot kSlots[] = {
      {"Start", gotime::time_type},
      {"End", gotime::time_type},
      {"ExitCode", integer},
      {"Output", text},
  };
};

struct HealthShape {
  static constexpr std::string_view kName = "docker.Health";
  static constexpr Slot kSlots[] = {
      {"Status", text},
      {"FailingStreak", integer},
      {"Log", list<record<HealthCheckShape>>},
  };
};

struct StateShape {
  static constexpr std::string_view kName = "docker.State";
  static constexpr Slot kSlots[] = {
      {"Status", text},
      {"Running", boolean},
      {"Paused", boolean},
      {"Restarting", boolean},
      {"OOMKilled", boolean},
      {"RemovalInProgress", boolean},
      {"Dead", boolean},
      {"Pid", integer},
      {"ExitCode", integer},
      {"Error", text},
      {"StartedAt", gotime::time_type},
      {"FinishedAt", gotime::time_type},
      {"Health", record<HealthShape>},
  };
};

struct HealthConfigShape {
  static constexpr std::string_view kName = "*docker.HealthConfig";
  static constexpr Slot kSlots[] = {
      {"Test", texts}, {"Interval", duration}, {"Timeout", duration}, {"StartPeriod", duration}, {"Retries", integer},
  };
};

struct MountShape {
  static constexpr std::string_view kName = "docker.Mount";
  static constexpr Slot kSlots[] = {
      {"Name", text}, {"Source", text}, {"Destination", text}, {"Driver", text}, {"Mode", text}, {"RW", boolean},
  };
};

struct ConfigShape {
  static constexpr std::string_view kName = "*docker.Config";
  static constexpr Slot kSlots[] = {
      {"Hostname", text},
      {"Domainname", text},
      {"User", text},
      {"Memory", integer64},
      {"MemorySwap", integer64},
      {"MemoryReservation", integer64},
      {"KernelMemory", integer64},
      {"CPUShares", integer64, "CpuShares"},
      {"CPUSet", text, "Cpuset"},
      {"PortSpecs", texts},
      {"ExposedPorts", map<nothing, port_type>},
      {"PublishService", text},
      {"StopSignal", text},
      {"StopTimeout", integer},
      {"Env", texts},
      {"Cmd", texts},
      {"Shell", texts},
      {"Healthcheck", record<HealthConfigShape>},
      {"DNS", texts, "Dns"},
      {"Image", text},
      {"Volumes", map<nothing>},
      {"VolumeDriver", text},
      {"WorkingDir", text},
      {"MacAddress", text},
      {"Entrypoint", texts},
      {"SecurityOpts", texts},
      {"OnBuild", texts},
      {"Mounts", list<record<MountShape>>},
      {"Labels", labels},
      {"AttachStdin", boolean},
      {"AttachStdout", boolean},
      {"AttachStderr", boolean},
      {"ArgsEscaped", boolean},
      {"Tty", boolean},
      {"OpenStdin", boolean},
      {"StdinOnce", boolean},
      {"NetworkDisabled", boolean},
      {"VolumesFrom", text},
  };
};

struct SwarmNodeShape {
  static constexpr std::string_view kName = "*docker.SwarmNode";
  static constexpr Slot kSlots[] = {
      {"ID", text},        {"IP", text},          {"Addr", text},     {"Name", text},
      {"CPUs", integer64}, {"Memory", integer64}, {"Labels", labels},
  };
};

struct NetworkShape {
  static constexpr std::string_view kName = "docker.ContainerNetwork";
  static constexpr Slot kSlots[] = {
      {"Aliases", texts},          {"MacAddress", text},  {"GlobalIPv6PrefixLen", integer},
      {"GlobalIPv6Address", text}, {"IPv6Gateway", text}, {"IPPrefixLen", integer},
      {"IPAddress", text},         {"Gateway", text},     {"EndpointID", text},
      {"NetworkID", text},
  };
};

struct PortBindingShape {
  static constexpr std::string_view kName = "docker.PortBinding";
  static constexpr Slot kSlots[] = {
      {"HostIP", text},
      {"HostPort", text},
  };
};

inline const Type& port_bindings() {
  return map<list<record<PortBindingShape>>, port_type>();
}

struct NetworkSettingsShape {
  static constexpr std::string_view kName = "*docker.NetworkSettings";
  static constexpr Slot kSlots[] = {
      {"Networks", map<record<NetworkShape>>},
      {"IPAddress", text},
      {"IPPrefixLen", integer},
      {"MacAddress", text},
      {"Gateway", text},
      {"Bridge", text},
      {"PortMapping", map<labels>},
      {"Ports", port_bindings},
      {"NetworkID", text},
      {"EndpointID", text},
      {"SandboxKey", text},
      {"GlobalIPv6Address", text},
      {"GlobalIPv6PrefixLen", integer},
      {"IPv6Gateway", text},
      {"LinkLocalIPv6Address", text},
      {"LinkLocalIPv6PrefixLen", integer},
      {"SecondaryIPAddresses", texts},
      {"SecondaryIPv6Addresses", texts},
  };
};

struct GraphDriverShape {
  static constexpr std::string_view kName = "*docker.GraphDriver";
  static constexpr Slot kSlots[] = {
      {"Name", text},
      {"Data", labels},
  };
};

struct KeyValueShape {
  static constexpr std::string_view kName = "docker.KeyValuePair";
  static constexpr Slot kSlots[] = {
      {"Key", text},
      {"Value", text},
  };
};

struct RestartPolicyShape {
  static constexpr std::string_view kName = "docker.RestartPolicy";
  static constexpr Slot kSlots[] = {
      {"Name", text},
      {"MaximumRetryCount", integer},
  };
};

struct DeviceShape {
  static constexpr std::string_view kName = "docker.Device";
  static constexpr Slot kSlots[] = {
      {"PathOnHost", text},
      {"PathInContainer", text},
      {"CgroupPermissions", text},
  };
};

struct LogConfigShape {
  static constexpr std::string_view kName = "docker.LogConfig";
  static constexpr Slot kSlots[] = {
      {"Type", text},
      {"Config", labels},
  };
};

struct BlockWeightShape {
  static constexpr std::string_view kName = "docker.BlockWeight";
  static constexpr Slot kSlots[] = {
      {"Path", text},
      {"Weight", text},
  };
};

struct BlockLimitShape {
  static constexpr std::string_view kName = "docker.BlockLimit";
  static constexpr Slot kSlots[] = {
      {"Path", text},
      {"Rate", integer64},
  };
};

struct UlimitShape {
  static constexpr std::string_view kName = "docker.ULimit";
  static constexpr Slot kSlots[] = {
      {"Name", text},
      {"Soft", integer64},
      {"Hard", integer64},
  };
};

struct HostConfigShape {
  static constexpr std::string_view kName = "*docker.HostConfig";
  static constexpr Slot kSlots[] = {
      {"Binds", texts},
      {"CapAdd", texts},
      {"CapDrop", texts},
      {"GroupAdd", texts},
      {"ContainerIDFile", text},
      {"LxcConf", list<record<KeyValueShape>>},
      {"PortBindings", port_bindings},
      {"Links", texts},
      {"DNS", texts, "Dns"},
      {"DNSOptions", texts, "DnsOptions"},
      {"DNSSearch", texts, "DnsSearch"},
      {"ExtraHosts", texts},
      {"VolumesFrom", texts},
      {"UsernsMode", text},
      {"NetworkMode", text},
      {"IpcMode", text},
      {"PidMode", text},
      {"UTSMode", text},
      {"RestartPolicy", record<RestartPolicyShape>},
      {"Devices", list<record<DeviceShape>>},
      {"DeviceCgroupRules", texts},
      {"LogConfig", record<LogConfigShape>},
      {"SecurityOpt", texts},
      {"Cgroup", text},
      {"CgroupParent", text},
      {"Memory", integer64},
      {"MemoryReservation", integer64},
      {"KernelMemory", integer64},
      {"MemorySwap", integer64},
      {"MemorySwappiness", integer64},
      {"CPUShares", integer64, "CpuShares"},
      {"CPUSet", text, "Cpuset"},
      {"CPUSetCPUs", text, "CpusetCpus"},
      {"CPUSetMEMs", text, "CpusetMems"},
      {"CPUQuota", integer64, "CpuQuota"},
      {"CPUPeriod", integer64, "CpuPeriod"},
      {"NanoCPUs", integer64, "NanoCpus"},
      {"BlkioWeight", integer64},
      {"BlkioWeightDevice", list<record<BlockWeightShape>>},
      {"BlkioDeviceReadBps", list<record<BlockLimitShape>>},
      {"BlkioDeviceReadIOps", list<record<BlockLimitShape>>},
      {"BlkioDeviceWriteBps", list<record<BlockLimitShape>>},
      {"BlkioDeviceWriteIOps", list<record<BlockLimitShape>>},
      {"Ulimits", list<record<UlimitShape>>},
      {"VolumeDriver", text},
      {"OomScoreAdj", integer},
      {"PidsLimit", integer64},
      {"ShmSize", integer64},
      {"Tmpfs", labels},
      {"Privileged", boolean},
      {"PublishAllPorts", boolean},
      {"ReadonlyRootfs", boolean},
      {"OOMKillDisable", boolean, "OomKillDisable"},
      {"AutoRemove", boolean},
      {"StorageOpt", labels},
      {"Sysctls", labels},
      {"Runtime", text},
      {"Init", boolean},
  };
};

struct ContainerShape {
  static constexpr std::string_view kName = "*docker.Container";
  static constexpr Slot kSlots[] = {
      {"ID", text, "Id"},
      {"Created", gotime::time_type},
      {"Path", text},
      {"Args", texts},
      {"Config", record<ConfigShape>},
      {"State", record<StateShape>},
      {"Image", text},
      {"Node", record<SwarmNodeShape>},
      {"NetworkSettings", record<NetworkSettingsShape>},
      {"SysInitPath", text},
      {"ResolvConfPath", text},
      {"HostnamePath", text},
      {"HostsPath", text},
      {"LogPath", text},
      {"Name", text},
      {"Driver", text},
      {"Mounts", list<record<MountShape>>},
      {"Volumes", labels},
      {"VolumesRW", map<boolean>},
      {"HostConfig", record<HostConfigShape>},
      {"ExecIDs", texts},
      {"GraphDriver", record<GraphDriverShape>},
      {"RestartCount", integer},
      {"AppArmorProfile", text},
      {"MountLabel", text},
      {"ProcessLabel", text},
      {"Platform", text},
      {"SizeRw", integer64},
      {"SizeRootFs", integer64},
  };
};

}  // namespace longshore::tmpl::registrator
