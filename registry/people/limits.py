"""How often what strangers can set off may be set off. Half of each may come at once: see kernel/throttle.py."""

from registry.kernel.throttle import Limit

HOUR, DAY = 3600, 86_400

INVITATIONS = Limit(10, DAY)  # to one user
INVITATIONS_OF_INVITER = Limit(1000, DAY)  # by one user: a large company joins, but nobody sends mail to the world
RESETS_OF_ADDRESS = Limit(6, HOUR)  # for one address, whether an account has it or not
RESETS_OF_PEER = Limit(40, HOUR)  # from one network
NEW_ADDRESSES = Limit(6, HOUR)  # of one user
CHALLENGES_OF_PEER = Limit(200, HOUR)  # passkey sign-ins begun from one network; an office shares one
CHALLENGES_OF_USER = Limit(40, HOUR)  # passkeys registered, or used as a second factor, by one user
PROVIDER_OF_PEER = Limit(200, HOUR)  # journeys to the identity provider and back from one network
