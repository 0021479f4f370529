"""Values and rules without Django: permissions, errors, inputs, ids, integrity."""
