"""Handing over: a customer as a package, disclosure with approval, custody, erasure."""
