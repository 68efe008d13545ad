"""By which nodes of tree-sitter's grammars languages define functions and call them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from syncfork.parsing.grammars import LANGUAGES


class _Grammar(Struct, frozen=True):
    """The kinds of nodes by which a language has functions and calls; in those of `own` a text gives names a meaning of its
    own: parameters, and what it takes something apart into."""

    functions: tuple[str, ...]
    calls: tuple[str, ...]
    own: tuple[str, ...]


_C = _Grammar(
    ("function_declarator", "preproc_function_def"),
    ("call_expression",),
    ("parameter_list", "preproc_params"),
)
ARROWS = ("arrow_function", "function_expression")
_TYPESCRIPT = _Grammar(
    (
        *("function_declaration", "function_signature", "method_definition", "method_signature"),
        *("abstract_method_signature", *ARROWS),
    ),
    ("call_expression", "new_expression"),
    ("array_pattern", "formal_parameters", "object_pattern"),
)
GRAMMARS: Mapping[str, _Grammar] = {
    "python": _Grammar(
        ("function_definition",),
        ("call",),
        ("parameters", "lambda_parameters", "pattern_list", "tuple_pattern"),
    ),
    "go": _Grammar(
        ("function_declaration", "method_declaration", "method_elem"),
        ("call_expression",),
        ("parameter_list",),
    ),
    "rust": _Grammar(
        ("function_item", "function_signature_item"),
        ("call_expression",),
        ("parameters", "closure_parameters", "tuple_pattern"),
    ),
    "c": _C,
    "cpp": _C,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "java": _Grammar(
        ("method_declaration", "constructor_declaration"),
        ("method_invocation", "object_creation_expression", "explicit_constructor_invocation"),
        ("formal_parameters", "inferred_parameters"),
    ),
    "kotlin": _Grammar(
        ("function_declaration", "primary_constructor", "secondary_constructor"),
        ("call_expression", "constructor_invocation"),
        ("function_value_parameters", "lambda_parameters", "multi_variable_declaration"),
    ),
    "ruby": _Grammar(
        ("method", "singleton_method"),
        ("call",),
        ("method_parameters", "block_parameters", "left_assignment_list"),
    ),
    "php": _Grammar(
        ("function_definition", "method_declaration"),
        (
            *("function_call_expression", "member_call_expression", "nullsafe_member_call_expression"),
            *("scoped_call_expression", "object_creation_expression"),
        ),
        ("formal_parameters",),
    ),
}


FAMILIES = {"cpp": "c", "tsx": "typescript", "kotlin": "java"}
# By family, the endings of its files.
ENDINGS = {
    group: tuple(e for name in GRAMMARS if FAMILIES.get(name, name) == group for e in LANGUAGES[name])
    for group in {FAMILIES.get(name, name) for name in GRAMMARS}
}


def _kinds(words: str) -> frozenset[str]:
    return frozenset(words.split())


PARAMETERS = _kinds(
    "parameters parameter_list formal_parameters method_parameters preproc_params function_value_parameters"
)
ARGUMENTS = _kinds("argument_list arguments call_suffix value_arguments generator_expression")
BLOCKS = _kinds("do_block block annotated_lambda")
CLASSES = _kinds(
    "class class_definition class_declaration abstract_class_declaration class_specifier struct_specifier"
    " object_declaration interface_declaration trait_declaration impl_item trait_item"
)
# What Go has outside of what it belongs to.
METHODS = _kinds("method_declaration method_elem")
REST = _kinds(
    "list_splat_pattern variadic_parameter_declaration variadic_parameter spread_parameter splat_parameter"
    " rest_pattern forward_parameter variadic_declarator ..."
)
ANY_NAME = _kinds("dictionary_splat_pattern hash_splat_parameter")
OPTIONAL = _kinds(
    "default_parameter typed_default_parameter optional_parameter optional_parameter_declaration ="
)
_REMARKS = _kinds("comment line_comment block_comment multiline_comment")
NO_PARAMETERS = _REMARKS | _kinds(
    "self_parameter positional_separator block_parameter attribute_item receiver_parameter hash_splat_nil"
)
NO_ARGUMENTS = _REMARKS | _kinds("block_argument attribute_item")
OPEN = _kinds(
    "list_splat dictionary_splat variadic_argument spread_element splat_argument hash_splat_argument ERROR"
    " forward_argument forward_arguments parameter_pack_expansion variadic_unpacking spread_expression"
    " variadic_placeholder"
)
# What these make of a function is called as it is.
PLAIN_DECORATORS = _kinds(
    "staticmethod classmethod abstractmethod override final cache lru_cache contextmanager asynccontextmanager jit"
    " no_grad inference_mode njit typechecked deprecated"
)
# What is in them decides what such an argument is.
WRAPPERS = _kinds("value_argument argument")
NAMES = _kinds("identifier simple_identifier name variable_name hash_key_symbol simple_symbol")
# These stand before parameters, and are no names.
KEYWORDS = _kinds("func fun fn def function")
OF_BASE = _kinds("super __init__ __construct")
ITSELF = _kinds("super super() parent")
