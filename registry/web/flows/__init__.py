"""Large bodies, up and down: requests below /x/<plugin>/flow/, each in a thread beside the ordinary ones."""
