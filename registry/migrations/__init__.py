"""The core's migrations, in numeric order. Released files never change."""
