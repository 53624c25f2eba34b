package io.waitdaemon.runtime.docker;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Knows {@code localhost} without asking anybody (RFC 6761 §6.3). docker-java's transport looks that name up before it
 * connects to a unix socket, and where a user has mounted an {@code /etc/hosts} without it, the look-up waits for a
 * name server for longer than a probe may take.
 */
@RegisterForReflection
public final class LocalhostResolver extends InetAddressResolverProvider {

    private static final byte[] IPV4 = {127, 0, 0, 1};
    private static final byte[] IPV6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver builtIn = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return host.equals("localhost")
                        ? Stream.of(InetAddress.getByAddress(host, IPV4), InetAddress.getByAddress(host, IPV6))
                        : builtIn.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtIn.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "localhost without a look-up";
    }
}
