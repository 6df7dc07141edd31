"""Skills: what people teach the agent in folders of their own, read with care and followed once somebody said yes."""
