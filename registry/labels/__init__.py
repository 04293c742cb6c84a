"""Labels: codes that lead to a unit, what is printed of them, and what somebody who reads one gets to see."""
