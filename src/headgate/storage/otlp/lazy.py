"""OTLP's messages once more, with attributes, resources, scopes, bodies, exemplars and the points of gauges and sums left as raw bytes.

A nested message and a `bytes` field are the same on the wire, so a class made from the official descriptors with these fields retyped hands back each
attribute as the bytes it arrived in. Attributes repeat; a dictionary from bytes to a small number then does the work of parsing them again and again.
"""

import functools
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FileDescriptor
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from headgate.catalog.otel_tables import LOGS, METRICS, SPANS

_RETYPED = frozenset({"attributes", "filtered_attributes", "resource", "scope", "body", "exemplars", "metadata"})
_OF_RAW_POINTS = frozenset({"Gauge", "Sum"})
_FILES = (common_pb2, resource_pb2, metrics_pb2, logs_pb2, trace_pb2, metrics_service_pb2, logs_service_pb2, trace_service_pb2)
_PACKAGE = "opentelemetry.proto."
_OWN = "headgate.lazy."
_SERVICES = {
    METRICS: "collector.metrics.v1.ExportMetricsServiceRequest",
    LOGS: "collector.logs.v1.ExportLogsServiceRequest",
    SPANS: "collector.trace.v1.ExportTraceServiceRequest",
}


@functools.cache
def message(name: str) -> Any:  # ruff: ignore[any-type] - a class made at run time
    """The lazy class of `common.v1.InstrumentationScope`, `resource.v1.Resource` and the like."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(_OWN + _PACKAGE + name))


def request(signal: str) -> Any:  # ruff: ignore[any-type] - see `message`
    """The lazy class of a signal's export request."""
    return message(_SERVICES[signal])


@functools.cache
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for module in _FILES:
        pool.Add(_retyped(module.DESCRIPTOR))
    return pool


def _retyped(official: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto()
    official.CopyToProto(file)
    file.name = _OWN + file.name
    file.package = _OWN + file.package
    renamed = [_OWN + dependency for dependency in file.dependency]
    del file.dependency[:]
    file.dependency.extend(renamed)
    del file.service[:]
    for kind in file.message_type:
        _retype(kind)
    return file


def _retype(kind: descriptor_pb2.DescriptorProto) -> None:
    for nested in kind.nested_type:
        _retype(nested)
    for field in kind.field:
        if field.type == field.TYPE_MESSAGE and (field.name in _RETYPED or (field.name == "data_points" and kind.name in _OF_RAW_POINTS)):
            field.type = field.TYPE_BYTES
            field.ClearField("type_name")
        elif field.type_name.startswith("." + _PACKAGE):
            field.type_name = "." + _OWN + field.type_name[1:]
